//! Demo settings of the install.

use serde_json::json;

use super::{ai, branding, install, storage};
use crate::tickiti::model::State;
use crate::tickiti::rows::{object, settings};

/// Sets up the AI assistant, branding, domain, licence, system and diagnostics.
pub(in crate::tickiti) fn seed(state: &mut State) {
    settings(state, ai::SETTINGS).extend(object(json!({
        "ai_enabled": true,
        "ai_auto_draft_inbound": true,
        "ai_suggest_after_staff_reply": false,
        "ai_auto_send": false,
        "ai_auto_send_threshold": 90,
        "ai_model": "default",
        "ai_persona": "Friendly and brief",
        "ai_business_context": "A mail-order shop for outdoor gear, with customers in Spain and abroad",
        "ai_signature": "The support team",
        "ai_auto_signature": "Sent by the assistant",
    })));
    settings(state, branding::SETTINGS).extend(object(json!({
        "app_name": "Outdoor shop helpdesk",
        "primary_colour": "#1565c0",
        "app_logo": null,
        "email_logo": {"name": "shop-mail.png", "file_size": 4_812},
    })));
    settings(state, install::DOMAIN).extend(object(json!({
        "default_address": "shop.tickiti.example",
        "domain": "help.shop.example",
        "status": "active",
        "dns": {"type": "CNAME", "value": "shop.tickiti.example"},
    })));
    settings(state, install::LICENCE).extend(object(json!({
        "plan": "Business",
        "staff_limit": 25,
        "expires_on": "2027-12-31",
    })));
    settings(state, install::SYSTEM).extend(object(json!({
        "permissions_model": "permissive",
        "max_attachment_mb": 50,
        "notification_mode": "immediate",
        "max_responses_in_email": 10,
        storage::RETENTION: 365,
    })));
    settings(state, install::DIAGNOSTICS).extend(object(
        json!({"collect_logs": false, "collect_queries": false}),
    ));
}
