//! The Tickiti double.

mod administration;
mod axial;
mod call;
mod clock;
mod mail;
mod model;
mod reply;
mod reports;
mod rows;
mod settings;
mod supervisor;
mod switches;
mod templates;
mod workflow;

use call::Handler;
use model::State;

pub use switches::{Install, Switches};

/// The handler of an endpoint, by family and action.
fn handler(family: &str, action: &str) -> Option<Handler> {
    match family {
        "administration" => administration::handler(action),
        "axial" => axial::handler(action),
        "mail" => mail::handler(action),
        "reports" => reports::handler(action),
        "settings" => settings::handler(action),
        "supervisor" => supervisor::handler(action),
        "templates" => templates::handler(action),
        "workflow" => workflow::handler(action),
        _ => None,
    }
}

/// Demo rows of the pass-through families.
fn seed(state: &mut State) {
    administration::seed(state);
    axial::seed(state);
    mail::seed(state);
    reports::seed(state);
    settings::seed(state);
    supervisor::seed(state);
    templates::seed(state);
    workflow::seed(state);
}
