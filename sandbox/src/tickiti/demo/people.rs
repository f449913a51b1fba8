//! Staff and customers of the demo shop.

use super::every_queue;
use crate::tickiti::model::{State, User};

/// Owner of the token `sandbox-admin`.
pub(super) const ADMIN: u64 = 2;
/// Owner of the token `sandbox-agent`.
pub(super) const AGENT: u64 = 4;
/// Owner of the token `sandbox-reader`.
pub(super) const READER: u64 = 3;

/// What the forms that ask for a password again take.
const PASSWORD: &str = "sandbox-password";

/// Who answers tickets.
pub(super) const AGENTS: [&str; 6] = [
    "eva@shop.example",
    "sam@shop.example",
    "luis@shop.example",
    "ines@shop.example",
    "lead@shop.example",
    "priya@shop.example",
];

/// Customers: name, address, writes Spanish.
pub(super) const CUSTOMERS: [(&str, &str, bool); 24] = [
    ("Dana Roe", "dana@customer.example", false),
    ("Kim Albers", "kim@customer.example", false),
    ("Marcus Hale", "marcus@trailblazers-club.example", false),
    ("Ana Prieto", "ana@cliente.example", true),
    ("Luis Cano", "luis@cliente.example", true),
    ("Nora Quist", "nora.quist@fjordmail.example", false),
    ("Peter Oduya", "peter@oduya.example", false),
    ("Ruth Calder", "ruth@hillwalkers.example", false),
    ("Iker Etxarri", "iker@mendi.example", true),
    ("Carmen Vela", "carmen.vela@correo.example", true),
    ("Jonas Brandt", "jonas@bergpost.example", false),
    ("Amara Dial", "amara@post.example", false),
    ("Hugo Lastra", "hugo@senderos.example", true),
    ("Pilar Roca", "pilar@correo.example", true),
    ("Tess Marlow", "tess.marlow@post.example", false),
    ("Yusuf Karim", "yusuf@post.example", false),
    ("Beatriz Soto", "bea@senderos.example", true),
    ("Gwen Tully", "gwen@hillwalkers.example", false),
    ("Olaf Nygard", "olaf@fjordmail.example", false),
    ("Rosa Campos", "rosa@tienda-rio.example", true),
    ("Ivo Manzoni", "ivo@alpinista.example", false),
    ("Leah Stone", "leah@post.example", false),
    ("Mateo Gil", "mateo@correo.example", true),
    ("Sofie Daal", "sofie@post.example", false),
];

/// Adds the system user and the staff; their ids are the constants above.
pub(super) fn seed(state: &mut State) {
    let queues = every_queue(state);
    let staff = [
        ("Tickiti", "system@shop.example"),
        ("Elena Marsh", "elena@shop.example"),
        ("Olga Reyes", "audit@shop.example"),
        ("Eva Lind", "eva@shop.example"),
        ("Sam Ortega", "sam@shop.example"),
        ("Luis Ferrer", "luis@shop.example"),
        ("Inés Duarte", "ines@shop.example"),
        ("Jo Park", "lead@shop.example"),
        ("Priya Nair", "priya@shop.example"),
    ];
    for (name, email) in staff {
        let id = state.next_id("user");
        let leads = id == ADMIN || id == READER;
        let user = User {
            id,
            name: name.to_owned(),
            email: email.to_owned(),
            is_staff: true,
            is_admin: leads,
            is_superuser: leads,
            is_sysadmin: leads,
            is_system: id == 1,
            tonic_notifications: !leads,
            password: PASSWORD.to_owned(),
            queues: queues.clone(),
        };
        state.users.insert(id, user);
    }
}
