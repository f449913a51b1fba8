//! Files on their way.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use api_core::{Bytes, CallOptions, Endpoint, File, FileContent, FilePart, Repeat, Reversal, Spec};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;

use crate::{
    back_end::{Create, MADE, Made, executor, kind},
    server::{Act, Server, json as answer},
};

#[derive(Debug, Serialize)]
struct Upload {
    template_id: u64,
    note: Option<String>,
    #[serde(skip)]
    file: File,
}

impl Endpoint for Upload {
    type Response = Made;
    const SPEC: Spec = Spec::write(
        "desk.upload",
        "upload",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .multipart();

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

fn upload(content: FileContent) -> Upload {
    Upload {
        template_id: 3,
        note: None,
        file: File {
            name: "a \"b\"\n.png".to_owned(),
            content,
        },
    }
}

/// A file of pieces that counts how often it is opened.
fn streamed(length: u64, pieces: &'static [&'static str]) -> (FileContent, Arc<AtomicUsize>) {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let open = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let pieces = pieces
            .iter()
            .map(|piece| Ok::<_, io::Error>(Bytes::from_static(piece.as_bytes())));
        stream::iter(pieces).boxed()
    };
    let content = FileContent::Stream {
        length,
        open: Arc::new(open),
    };
    (content, opened)
}

fn expected(boundary: &str) -> String {
    format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"template_id\"\r\n\r\n3\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22%0A.png\"\r\n\
         Content-Type: application/octet-stream\r\n\r\nhello, world\r\n--{boundary}--\r\n"
    )
}

#[tokio::test]
async fn text_parts_then_files_and_the_same_bytes_again() {
    let (content, opened) = streamed(12, &["hello", "", ", world"]);
    let server = Server::start([Act::Drop, Act::Answer(answer(200, MADE))]).await;
    let request = upload(content);
    executor(&server.base())
        .send(&request, &CallOptions::default())
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!((seen.len(), opened.load(Ordering::SeqCst)), (2, 2));
    for seen in &seen {
        let content_type = seen.header("content-type").unwrap();
        let boundary = content_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&seen.body), expected(boundary));
    }
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn files_from_memory_and_by_name() {
    let server = Server::start([Act::Answer(answer(200, MADE))]).await;
    let request = upload(FileContent::Bytes(Bytes::from_static(b"hello, world")));
    let fields = json!({"template_id": 3, "note": null});
    let prepared = api_core::Prepared {
        path: "upload".into(),
        fields: fields.as_object().unwrap().clone(),
    };
    let files = request.files();
    let executor = executor(&server.base());
    executor
        .call(&Upload::SPEC, prepared, files, &CallOptions::default())
        .await
        .unwrap();
    let seen = &server.seen()[0];
    let boundary = seen
        .header("content-type")
        .unwrap()
        .rsplit('=')
        .next()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&seen.body), expected(boundary));
}

#[tokio::test]
async fn a_file_that_is_not_as_long_as_announced_breaks_off() {
    for pieces in [
        &["hello"] as &[_],
        &["hello, world, and more"],
        &["hello, world", "!"],
    ] {
        let (content, _) = streamed(12, pieces);
        let server = Server::start([Act::Answer(answer(200, MADE))]).await;
        let error = executor(&server.base())
            .send(&upload(content), &CallOptions::default())
            .await
            .unwrap_err();
        assert_eq!(kind(error.kind()), "interrupted", "{error}");
        assert!(error.to_string().contains("than announced"), "{error}");
        assert_eq!(
            server.seen().len(),
            0,
            "the server never had a whole request"
        );
    }
}

#[tokio::test]
async fn nothing_leaves_when_fields_or_files_do_not_fit() {
    let server = Server::start([Act::Answer(answer(200, MADE))]).await;
    let executor = executor(&server.base());
    let nested = api_core::Prepared {
        path: "upload".into(),
        fields: json!({"list": [1]}).as_object().unwrap().clone(),
    };
    let files = upload(FileContent::default()).files();
    let options = CallOptions::default();
    let error = executor
        .call(&Upload::SPEC, nested.clone(), files.clone(), &options)
        .await;
    assert_eq!(kind(error.unwrap_err().kind()), "invalid");
    let error = executor.call(&Create::SPEC, nested, files, &options).await;
    assert_eq!(kind(error.unwrap_err().kind()), "invalid");
    assert_eq!(server.connections(), 0);
}
