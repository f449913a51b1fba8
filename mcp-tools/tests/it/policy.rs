//! What a policy lists, and what it refuses before anything is sent.

use std::collections::BTreeSet;

use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Policy, Registry, ToolError, envia,
    policy::{self, Narrowing, Origin},
    tickiti::{self, Tickiti},
};
use serde_json::{Value, json};

use crate::harness::{World, instances, object};

fn read_only(origin: Origin) -> Narrowing {
    Narrowing {
        read_only: true,
        ..Narrowing::none(origin)
    }
}

fn toolsets(list: &str) -> Narrowing {
    Narrowing {
        toolsets: Some(policy::toolsets(list).unwrap()),
        ..Narrowing::none(Origin::Server)
    }
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn deny(list: &[&str]) -> Narrowing {
    Narrowing {
        deny: names(list),
        ..Narrowing::none(Origin::Server)
    }
}

fn allow(list: &[&str]) -> Narrowing {
    Narrowing {
        allow: Some(names(list)),
        ..Narrowing::none(Origin::Server)
    }
}

fn both() -> Registry {
    let instances = instances(&["default"], "http://127.0.0.1:9", "sandbox-admin");
    Registry::new(vec![tickiti::module(&instances), envia::module()]).unwrap()
}

fn listed(registry: &Registry, policy: &Policy) -> Vec<String> {
    let listed = registry.iter().filter(|tool| policy.lists(tool));
    listed.map(|tool| tool.name().to_owned()).collect()
}

impl World {
    async fn call_under(
        &self,
        policy: &Policy,
        tool: &str,
        arguments: Value,
    ) -> Result<JsonObject, ToolError> {
        let instances = instances(&["default"], &self.sandbox.base_url(), "sandbox-admin");
        let backends = Backends::new().with(Tickiti::new(instances));
        let mut context = Context::new("test", backends);
        context.policy = policy.clone();
        self.registry.call(tool, context, object(arguments)).await
    }

    /// The refusal, after which no request must have left.
    async fn denied(&self, policy: &Policy, tool: &str, arguments: Value) -> String {
        let before = self.sandbox.log().len();
        let error = self.call_under(policy, tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert_eq!(self.sandbox.log().len(), before, "{tool} sent something");
        assert!(error.text().contains("nothing was sent"), "{error}");
        error.text().to_owned()
    }
}

#[test]
fn every_tool_belongs_to_a_toolset_that_can_be_named() {
    for tool in both().iter() {
        let own = tool.spec().toolset;
        assert!(policy::TOOLSETS.contains(&own), "{}: {own}", tool.name());
    }
}

#[test]
fn toolsets_are_named_or_refused_with_the_known_ones() {
    let all = BTreeSet::from(policy::TOOLSETS);
    assert_eq!(policy::toolsets("all").unwrap(), all);
    assert_eq!(policy::toolsets("tickets, all").unwrap(), all);
    let two = policy::toolsets(" Lookups,reports,").unwrap();
    assert_eq!(two, BTreeSet::from(["lookups", "reports"]));
    let more = policy::toolsets("default,mail").unwrap();
    let usual = BTreeSet::from(policy::DEFAULTS);
    assert!(more.is_superset(&usual) && more.len() == usual.len() + 1);
    let wrong = policy::toolsets("lookups,reprots").unwrap_err().to_string();
    assert!(wrong.contains("did you mean `reports`?"), "{wrong}");
    for known in policy::TOOLSETS {
        assert!(wrong.contains(known), "{wrong}");
    }
    assert!(policy::toolsets(" , ").is_err());
    let long = policy::toolsets(&"ñ".repeat(5_000)).unwrap_err();
    assert!(long.to_string().len() < 400, "{long}");
}

#[test]
fn each_setting_narrows_the_list() {
    let registry = both();
    let all = listed(&registry, &Policy::default());
    let under = |by: Narrowing| listed(&registry, &Policy::default().narrowed(by));

    assert_eq!(under(Narrowing::none(Origin::Server)), all);
    let reads = under(read_only(Origin::Server));
    for tool in registry.iter() {
        let listed = reads.iter().any(|name| name == tool.name());
        assert_eq!(listed, !tool.spec().effect.is_write(), "{}", tool.name());
    }
    assert!(reads.contains(&"tickiti_read".to_owned()));
    assert!(!reads.contains(&"tickiti_call".to_owned()));

    assert_eq!(under(toolsets("reports")), ["tickiti_run_report"]);
    assert_eq!(under(toolsets("all")), all);
    assert_eq!(
        under(allow(&["get_ticket", "envia_list_tickets"])),
        [
            "envia_get_ticket",
            "envia_list_tickets",
            "tickiti_get_ticket"
        ]
    );
    let rest = under(deny(&["tickiti_get_ticket", "tickiti_call"]));
    assert_eq!(rest.len(), all.len() - 2);
    assert!(rest.contains(&"envia_get_ticket".to_owned()));
}

#[test]
fn what_is_said_later_never_widens() {
    let registry = both();
    let narrow = Policy::default()
        .narrowed(toolsets("reports,lookups"))
        .narrowed(deny(&["list_queues"]));
    let before = listed(&registry, &narrow);
    for later in [
        toolsets("all"),
        toolsets("tickets,reports,lookups,general"),
        allow(&["create_ticket", "list_queues", "run_report"]),
        Narrowing::none(Origin::Request),
    ] {
        let after = listed(&registry, &narrow.narrowed(later.clone()));
        assert!(after.iter().all(|name| before.contains(name)), "{later:?}");
    }
    let none = narrow.narrowed(toolsets("tickets"));
    assert_eq!(listed(&registry, &none), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_names_the_setting_and_who_can_change_it() {
    let world = World::start().await;
    let ticket = json!({"originator_email_address": "a@b.example", "subject": "s", "content": "c"});
    let under = |by: Narrowing| Policy::default().narrowed(by);

    let text = world
        .denied(
            &under(read_only(Origin::Server)),
            "create_ticket",
            ticket.clone(),
        )
        .await;
    assert_eq!(
        text,
        "create_ticket was refused and nothing was sent: it changes things, and the server's setting `read_only` allows \
         reads alone. Repeating will not help: whoever runs the server can change that."
    );
    let of = |origin: Origin| under(read_only(origin));
    let profile = of(Origin::Profile("ana".to_owned()));
    let text = world
        .denied(&profile, "create_ticket", ticket.clone())
        .await;
    assert!(
        text.contains("the setting `read_only` of the profile ana"),
        "{text}"
    );
    let text = world
        .denied(&of(Origin::Request), "create_ticket", ticket.clone())
        .await;
    assert!(
        text.contains("the request's header X-MCP-Readonly"),
        "{text}"
    );
    assert!(text.contains("whoever set up this client"), "{text}");

    let text = world
        .denied(
            &under(toolsets("reports")),
            "get_ticket",
            json!({"ticket_number": "709383"}),
        )
        .await;
    assert!(
        text.contains("the toolset tickets, and the server's setting `toolsets` is reports"),
        "{text}"
    );
    let text = world
        .denied(&under(allow(&["get_ticket"])), "create_ticket", json!({}))
        .await;
    assert!(text.contains("setting `allow` does not name it"), "{text}");
    let text = world
        .denied(&under(deny(&["create_ticket"])), "create_ticket", ticket)
        .await;
    assert!(text.contains("setting `deny` names it"), "{text}");
}

#[tokio::test]
async fn read_only_looks_at_what_a_call_would_do() {
    let world = World::start().await;
    let policy = Policy::default().narrowed(read_only(Origin::Server));
    let staff = json!({"family": "tickets", "action": "staff"});
    for tool in ["tickiti_call", "tickiti_read"] {
        world
            .call_under(&policy, tool, staff.clone())
            .await
            .unwrap();
    }
    let close =
        json!({"family": "tickets", "action": "close", "payload": {"ticket_number": "709383"}});
    let rehearsed = json!({"family": "tickets", "action": "delete", "payload": {"ticket_numbers": ["709383"], "dry_run": true}});
    world.denied(&policy, "tickiti_call", rehearsed).await;
    let text = world.denied(&policy, "tickiti_call", close.clone()).await;
    assert!(text.contains("read_only"), "{text}");
    // Without a policy, the tool that reads refuses it by itself.
    let error = world.call("tickiti_read", close).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Arguments);
    assert!(error.text().contains("tickiti_call takes it"), "{error}");
}

#[tokio::test]
async fn what_is_denied_cannot_be_reached_another_way() {
    let world = World::start().await;
    let policy = Policy::default().narrowed(deny(&["respond_to_ticket", "get_ticket"]));
    let respond = json!({"family": "tickets", "action": "respond", "payload": {
        "ticket_number": "709383", "from_email": "marcus@trailblazers-club.example", "content": "Hello"}});
    let text = world.denied(&policy, "tickiti_call", respond).await;
    assert!(
        text.contains("tickets.respond is what respond_to_ticket does"),
        "{text}"
    );
    let show =
        json!({"family": "tickets", "action": "show", "payload": {"ticket_number": "709383"}});
    world.denied(&policy, "tickiti_read", show.clone()).await;
    world.denied(&policy, "tickiti_call", show).await;
    let queues = json!({"family": "tickets", "action": "queues"});
    world
        .call_under(&policy, "tickiti_read", queues)
        .await
        .unwrap();
}
