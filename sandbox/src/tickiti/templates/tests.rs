//! What the template endpoints do.

use serde_json::json;

use crate::tickiti::rows::fixture::{done, id_of, ok, refused, state};

#[test]
fn a_template_lives_from_create_to_delete() {
    let mut state = state();
    let body = json!({"type": "template", "identifier": "hello", "subject": "Hi {{name}}", "content": "x"});
    done(&mut state, "templates.create", body.clone());
    refused(&mut state, "templates.create", body, 422);
    refused(
        &mut state,
        "templates.create",
        json!({"type": "email"}),
        422,
    );
    refused(
        &mut state,
        "templates.create",
        json!({"type": "letter"}),
        422,
    );
    let list = ok(&mut state, "templates.index", json!({}));
    let id = id_of(&list, "identifier", "hello");
    done(
        &mut state,
        "templates.update",
        json!({"template": {"id": id.to_string(), "content": "y"}}),
    );
    let taken = json!({"template": {"id": id, "identifier": "order_delay"}});
    refused(&mut state, "templates.update", taken, 422);
    let shown = ok(&mut state, "templates.show", json!({"template_id": id}));
    assert_eq!(shown["template"]["type"], "email");
    assert_eq!(shown["template"]["subject"], "Hi {{name}}");
    assert_eq!(shown["template"]["content"], "y");
    done(&mut state, "templates.delete", json!({"template_id": id}));
    refused(
        &mut state,
        "templates.delete",
        json!({"template_id": id}),
        404,
    );
}

#[test]
fn faqs_stand_apart_and_keep_their_identifier() {
    let mut state = state();
    let body = json!({"type": "faq", "identifier": "mine", "subject": "Why?"});
    done(&mut state, "templates.create", body);
    let faqs = ok(&mut state, "templates.faqs", json!({}));
    let id = id_of(&faqs, "subject", "Why?");
    let update = json!({"template": {"id": id, "identifier": "mine", "subject": "How?"}});
    done(&mut state, "templates.update", update);
    let shown = ok(&mut state, "templates.show", json!({"template_id": id}));
    assert_eq!(shown["template"]["identifier"], format!("faq-{id}"));
    assert_eq!(shown["template"]["subject"], "How?");
    let list = ok(&mut state, "templates.index", json!({}));
    let types = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["type"].clone());
    assert!(types.into_iter().all(|kind| kind != "faq"));
}

#[test]
fn older_installs_reset_what_an_update_leaves_out() {
    let mut state = state();
    state.switches.reset_omitted_fields = true;
    let list = ok(&mut state, "templates.index", json!({}));
    let id = id_of(&list, "identifier", "order_delay");
    let update = json!({"template": {"id": id, "content": "new"}});
    done(&mut state, "templates.update", update);
    let shown = ok(&mut state, "templates.show", json!({"template_id": id}));
    assert_eq!(shown["template"]["content"], "new");
    assert_eq!(shown["template"]["subject"], "");
    assert_eq!(shown["template"]["is_enabled"], false);
}

#[test]
fn render_fills_and_sends_nothing() {
    let mut state = state();
    let sent = state.tables["sent_mail"].len();
    let body = json!({"template_identifier": "order_delay", "data": {"order_no": 5512}});
    let rendered = ok(&mut state, "templates.render", body);
    assert_eq!(rendered["subject"], "Order 5512 is late");
    assert!(rendered["content"].as_str().unwrap().contains("5512"));
    assert_eq!(state.tables["sent_mail"].len(), sent);
    let other = json!({"template_identifier": "order_delay", "data": {}, "type": "notification"});
    refused(&mut state, "templates.render", other, 404);
}

#[test]
fn search_takes_phrases_and_a_type() {
    let mut state = state();
    let search = |text: &str, kind: &str| json!({"search": text, "type": kind});
    let mut count = |body| {
        let found = ok(&mut state, "templates.search", body);
        found.as_array().unwrap().len()
    };
    assert_eq!(count(search("\"paid back\"", "")), 2);
    assert_eq!(count(search("\"paid back\"", "stock-response")), 0);
    assert_eq!(count(search("factura correo", "faq")), 1);
    assert_eq!(count(search("factura nothing", "")), 0);
}
