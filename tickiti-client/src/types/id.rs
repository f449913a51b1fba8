//! Internal ids, one type per kind.

use api_core::ids;

ids! {
    /// Internal id of something without a type of its own.
    Id,
    /// Internal id of a ticket; not its six-digit number.
    TicketId,
    /// Internal id of a response in a ticket's thread.
    ResponseId,
    /// Internal id of a queue.
    QueueId,
    /// Internal id of a user.
    UserId,
    /// Internal id of a team.
    TeamId,
    /// Internal id of a file on a response.
    AttachmentId,
    /// Internal id of a perspective, a saved search.
    PerspectiveId,
    /// Internal id of a watchlist.
    WatchlistId,
    /// Internal id of a template or stock response.
    TemplateId,
    /// Internal id of a mailbox.
    MailboxId,
    /// Internal id of an API key.
    TokenId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_digits_and_sends_numbers() {
        for json in ["912", "\"912\"", "912.0", "\"0912\""] {
            let id: TicketId = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), "912", "{json}");
        }
        assert_eq!("7".parse::<QueueId>().unwrap(), QueueId::new(7));
    }

    #[test]
    fn refuses_what_is_no_id() {
        for json in [
            "-1",
            "1.5",
            "\"\"",
            "\"+1\"",
            "\"1a\"",
            "null",
            "true",
            "\"99999999999999999999\"",
        ] {
            assert!(serde_json::from_str::<Id>(json).is_err(), "{json}");
        }
        let error = "x1".parse::<Id>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`x1` is not an id: a whole number, or its decimal digits as text"
        );
    }
}
