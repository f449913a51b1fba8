use super::*;

const NAMES: Names = Names {
    argument: "if_last_note_id",
    field: "last_note_id",
    message: "note",
    id: "note_id",
    whose: "others",
};

fn note(id: u64, counts: bool) -> Message {
    Message {
        id: Some(id),
        moment: Some(i64::try_from(id).unwrap() * 1_000_000),
        at: Some(format!("1970-01-01 00:00:{id:02}")),
        by: Some("dana@customer.example".to_owned()),
        author: Author::Customer,
        text: format!("Note {id}"),
        counts,
        is_own: false,
    }
}

fn read(arguments: Value) -> Read {
    let Value::Object(mut arguments) = arguments else {
        unreachable!()
    };
    let read = NAMES.take(&mut arguments).unwrap();
    assert!(arguments.is_empty(), "{arguments:?}");
    read
}

#[track_caller]
fn passes(arguments: Value, thread: Vec<Message>, last: Option<u64>) {
    assert_eq!(NAMES.judge(read(arguments), thread), Ok(last));
}

/// Refused, with these notes.
#[track_caller]
fn refuses(arguments: Value, thread: Vec<Message>, ids: &[u64]) {
    let error = NAMES.judge(read(arguments), thread).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let json = error.text().split_once('\n').unwrap().1;
    let told: Value = serde_json::from_str(json).unwrap();
    let notes = told["new_messages"].as_array().unwrap().iter();
    let found: Vec<u64> = notes
        .map(|note| number(&note["note_id"]).unwrap())
        .collect();
    assert_eq!(found, ids, "{told}");
}

#[test]
fn only_what_came_after_and_counts_is_news() {
    let thread = || vec![note(3, true), note(1, true), note(2, false), note(4, false)];
    passes(json!({"if_last_note_id": 3}), thread(), Some(4));
    passes(json!({"if_last_note_id": "4"}), thread(), Some(4));
    refuses(json!({"if_last_note_id": 2}), thread(), &[3]);
    refuses(json!({"if_last_note_id": 0}), thread(), &[1, 3]);
    passes(json!({"if_last_note_id": 0}), vec![note(1, false)], Some(1));
    passes(json!({"if_last_note_id": 0}), Vec::new(), None);
}

#[test]
fn a_time_serves_as_well() {
    let thread = || vec![note(1, true), note(3, true)];
    passes(
        json!({"if_unchanged_since": "1970-01-01T00:00:03+00:00"}),
        thread(),
        Some(3),
    );
    refuses(
        json!({"if_unchanged_since": "1970-01-01 00:00:02"}),
        thread(),
        &[3],
    );
    refuses(
        json!({"if_unchanged_since": "1970-01-01T02:00:02+02:00"}),
        thread(),
        &[3],
    );
    // Either speaks against it.
    refuses(
        json!({"if_unchanged_since": "1970-01-01 00:00:09", "if_last_note_id": 1}),
        thread(),
        &[3],
    );
}

#[test]
fn what_has_no_id_or_no_time_is_news() {
    let mut odd = note(2, true);
    (odd.id, odd.moment) = (None, None);
    let thread = || vec![note(1, true), odd.clone()];
    for arguments in [
        json!({"if_last_note_id": 1}),
        json!({"if_unchanged_since": "2026-01-01 00:00:00"}),
    ] {
        assert!(NAMES.judge(read(arguments), thread()).is_err());
    }
}

#[test]
fn a_note_that_is_not_there_is_told() {
    let error = NAMES
        .judge(read(json!({"if_last_note_id": 9})), vec![note(1, true)])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.text().contains("note 9"), "{error}");
    assert!(error.text().contains("its newest note is 1"), "{error}");
}

#[test]
fn what_comes_after_the_callers_own_words_is_no_reason_against_them() {
    let mut own = note(3, false);
    own.is_own = true;
    passes(
        json!({"if_last_note_id": 1}),
        vec![note(1, true), own.clone(), note(4, true)],
        Some(4),
    );
    refuses(
        json!({"if_last_note_id": 1}),
        vec![note(1, true), note(2, true), own.clone(), note(4, true)],
        &[2],
    );
    // A customer's, when they are said in a customer's name.
    own.counts = true;
    passes(
        json!({"if_last_note_id": 1}),
        vec![note(1, true), own.clone()],
        Some(3),
    );
    // The same words, read before, are no trace of this call.
    refuses(
        json!({"if_last_note_id": 3}),
        vec![own, note(4, true)],
        &[4],
    );
}

#[test]
fn a_refusal_has_a_sensible_size_and_marks_what_it_quotes() {
    let mut thread: Vec<Message> = (1..=40).map(|id| note(id, true)).collect();
    for one in &mut thread {
        one.text = format!("\u{202E}{}", "é".repeat(10_000));
        one.by = Some("Dana \"ignore\" Roe".to_owned());
    }
    let error = NAMES
        .judge(read(json!({"if_last_note_id": 1})), thread)
        .unwrap_err();
    assert!(error.text().len() < 20_000, "{}", error.text().len());
    let json = error.text().split_once('\n').unwrap().1;
    let told: Value = serde_json::from_str(json).unwrap();
    assert_eq!(told["last_note_id"], "40");
    assert_eq!(told["older_new_messages_left_out"], 34);
    let newest = &told["new_messages"][4];
    assert_eq!(newest["note_id"], "40");
    assert_eq!(
        newest["by"],
        json!({"untrusted_from_customer": "Dana \"ignore\" Roe"})
    );
    assert_eq!(
        newest["text"],
        json!({"untrusted_from_customer": format!("⟦U+202E⟧{}", "é".repeat(1_499))})
    );
    assert_eq!(newest["text_truncated"], true);
}

#[test]
fn the_same_words_are_known_in_html_and_as_text() {
    for (sent, found, cut, expected) in [
        ("<p>On its way.</p>", "On its way.", false, true),
        ("<p>One</p><p>Two</p>", "One\n\nTwo", false, true),
        ("a &amp; b &lt;c&gt;", "a & b <c>", false, true),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2", false, true),
        ("<p>On its way.</p>", "On its w", true, true),
        ("<p>On its way.</p>", "On its w", false, false),
        ("<p>On its way.</p>", "", true, false),
        ("<p>Yes</p>", "No", false, false),
    ] {
        assert_eq!(is_same(sent, found, cut), expected, "{sent} {found}");
    }
}

#[test]
fn conditions_are_judged_before_anything_is_sent() {
    let wrong = |name: &str, value: Value, zoned| {
        let said = JsonObject::from_iter([(name.to_owned(), value)]);
        NAMES.mistakes(&said, zoned).len()
    };
    assert_eq!(wrong(SINCE, json!("2026-05-01T09:14:02+00:00"), true), 0);
    assert_eq!(wrong(SINCE, json!("2026-05-01 09:14:02"), false), 0);
    assert_eq!(wrong(SINCE, json!("2026-05-01T09:14:02Z"), false), 1);
    assert_eq!(wrong(SINCE, json!("yesterday"), true), 1);
    assert_eq!(wrong(SINCE, json!(7), true), 1);
    for id in [json!(7), json!("7"), json!(0)] {
        assert_eq!(wrong(NAMES.argument, id, true), 0);
    }
    for id in [
        json!("latest"),
        json!(""),
        json!(-1),
        json!(1.5),
        json!(null),
    ] {
        assert_eq!(wrong(NAMES.argument, id.clone(), true), 1, "{id}");
    }
    assert!(NAMES.mistakes(&JsonObject::new(), true).is_empty());
}
