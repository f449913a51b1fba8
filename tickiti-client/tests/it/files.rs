//! Files in pieces, both ways.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use sandbox::tickiti::{Fault, FaultKind, Switches, Tickiti};
use tickiti_client::{
    Bytes, Chunking, File, FileContent, TransferError,
    api::tickets::{Attachment, AttachmentUpload, Create, Show},
    types::TicketRef,
};

use crate::helper::{World, email, start_with};

const SIZE: usize = 10_000;

/// An install with one ticket that carries a file, and the request for the file.
async fn with_file(change: impl FnOnce(&mut Switches)) -> (World, Attachment, Vec<u8>) {
    let world = start_with(Tickiti::builder()).await;
    let content: Vec<u8> = (0..SIZE).map(|i| (i * 7 % 251) as u8).collect();
    let file = File::from_bytes("clip.pdf", content.clone());
    let uploaded = world
        .client
        .send(&AttachmentUpload::new(file))
        .await
        .unwrap();
    let mut create = Create::new(email("dana@customer.example.com"), "File", "<p>x</p>");
    create.attachments = Some(vec![uploaded]);
    let ticket: TicketRef = world
        .client
        .send(&create)
        .await
        .unwrap()
        .ticket_number
        .into();
    let shown = world.client.send(&Show::new(ticket.clone())).await.unwrap();
    let id = shown.responses[0].attachments.as_ref().unwrap()[0].id;
    world.install.change_switches(change);
    world.install.clear_log();
    (world, Attachment::new(ticket, id), content)
}

async fn fetch(world: &World, request: Attachment, chunk: u64) -> Result<Vec<u8>, TransferError> {
    let download = world
        .client
        .download(request, Chunking::default().with_chunk_size(chunk))
        .await?;
    let pieces: Vec<Bytes> = download.into_stream().try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn a_small_file_takes_one_call() {
    let (world, request, content) = with_file(|_| {}).await;
    let download = world
        .client
        .download(request, Chunking::default())
        .await
        .unwrap();
    assert_eq!(download.head.name.as_deref(), Some("clip.pdf"));
    assert_eq!(download.head.file_size, Some(SIZE as u64));
    let pieces: Vec<Bytes> = download.into_stream().try_collect().await.unwrap();
    assert_eq!(pieces.concat(), content);
    assert_eq!(world.install.log().len(), 1);
}

#[tokio::test]
async fn a_large_file_comes_in_ranges() {
    let (world, request, content) = with_file(|switches| switches.attachment_cap = 4096).await;
    let found = fetch(&world, request, 3000).await.unwrap();
    assert_eq!(found, content);
    assert_eq!(world.install.log().len(), 5, "one refusal and four ranges");
}

#[tokio::test]
async fn other_content_than_said_is_an_error_at_the_end() {
    let (world, request, _) = with_file(|switches| switches.wrong_sha256 = true).await;
    let outcome = fetch(&world, request, 3000).await;
    assert!(
        matches!(outcome, Err(TransferError::Hash { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_install_without_ranges_does_not_give_the_file_twice() {
    let (world, request, content) = with_file(|_| {}).await;
    // The refusal asks for ranges, but the install then knows none.
    world.install.add_fault(
        Fault::on(
            "tickets.attachment",
            FaultKind::Status {
                status: 413,
                body: format!(
                    r#"{{"ok":false,"error":"attachment_too_large","data":{{"file_size":{SIZE},"ranged":true}}}}"#
                ),
                content_type: "application/json".into(),
                retry_after: None,
            },
        )
        .times(1),
    );
    world
        .install
        .change_switches(|switches| switches.ignore_ranges = true);
    let found = fetch(&world, request, 3000).await.unwrap();
    assert_eq!(found, content);
    assert_eq!(world.install.log().len(), 2);
}

#[tokio::test]
async fn refusals_stay_refusals() {
    let (world, mut request, _) = with_file(|_| {}).await;
    request.response_attachment_id = 999_999.into();
    let outcome = fetch(&world, request, 3000).await;
    let Err(TransferError::Call(error)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn an_upload_from_a_stream_is_sent_again_from_its_start() {
    let world = start_with(Tickiti::builder()).await;
    let opened = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&opened);
    let file = File {
        name: "log.txt".into(),
        content: FileContent::Stream {
            length: 6,
            open: Arc::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                stream::iter(["abc", "def"].map(|piece| Ok(Bytes::from(piece)))).boxed()
            }),
        },
    };
    let endpoint = "tickets.attachment_upload";
    world
        .install
        .add_fault(Fault::on(endpoint, FaultKind::DropBeforeEffect).times(1));
    let uploaded = world
        .client
        .send(&AttachmentUpload::new(file))
        .await
        .unwrap();
    assert_eq!(uploaded.file_size, 6);
    assert_eq!(opened.load(Ordering::Relaxed), 2);
    assert_eq!(world.install.executions(endpoint), 1);
}
