use api_core::{Bytes, Endpoint, File, FileContent};
use serde_json::{from_value, json};

use super::{Create, ImageUpload, Render, Shown, Update};
use crate::api::wire::{check_refused, check_wire};

#[test]
fn only_faqs_have_no_identifier() {
    check_wire(
        &Create::new("faq"),
        "templates/create",
        &json!({"type": "faq"}),
    );
    let mut create = Create::new("email");
    check_refused(&create, &["identifier"]);
    create.identifier = Some("order_delay".into());
    create.legend = Some("x".repeat(256));
    check_refused(&create, &["legend"]);
}

#[test]
fn a_template_changes_inside_template() {
    let mut update = Update::new(17);
    update.template.kind = Some("email".into());
    update.template.is_enabled = Some(false);
    check_wire(
        &update,
        "templates/update",
        &json!({"template": {"id": 17, "is_enabled": false, "type": "email"}}),
    );
    update.template.identifier = Some("x".repeat(256));
    check_refused(&update, &["template.identifier"]);
}

#[test]
fn rendering_takes_the_values_of_the_placeholders() {
    let fields = json!({"template_identifier": "order_delay", "data": {"order_no": "5512"}});
    let render: Render = from_value(fields.clone()).unwrap();
    check_wire(&render, "templates/render", &fields);
}

#[test]
fn an_image_travels_as_a_part_and_not_as_a_field() {
    let file = File {
        name: "logo.png".into(),
        content: FileContent::Bytes(Bytes::from_static(b"png")),
    };
    let upload = ImageUpload::new(17, file);
    check_wire(
        &upload,
        "templates/image-upload",
        &json!({"template_id": 17}),
    );
    let parts = upload.files();
    assert_eq!(parts.len(), 1);
    assert_eq!(
        (parts[0].part, parts[0].file.name.as_str()),
        ("file", "logo.png")
    );
}

#[test]
fn a_shown_template_keeps_unknown_columns() {
    let shown: Shown = from_value(json!({
        "template": {"id": "17", "type": "email", "identifier": "order_delay", "is_enabled": "1"}
    }))
    .unwrap();
    assert_eq!(shown.template.id.get(), 17);
    assert_eq!(shown.template.kind.as_deref(), Some("email"));
    assert_eq!(shown.template.extra["is_enabled"], "1");
}
