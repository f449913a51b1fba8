#![doc = include_str!("../README.md")]

pub mod arguments;
pub mod audit;
pub mod confirm;
pub mod context;
pub mod definition;
pub mod endpoint_tool;
pub mod envia;
pub mod error;
pub mod gate;
pub mod ledger;
mod moment;
mod output;
pub mod policy;
pub mod probe;
pub mod provenance;
pub mod registry;
pub mod rehearsal;
pub mod resource;
pub mod schema;
mod size;
pub mod store;
pub mod tickiti;
pub mod tool;
mod unread;

pub use confirm::{Confirm, Confirmations};
pub use context::{Backends, Context};
pub use endpoint_tool::{Backend, EndpointTool};
pub use error::{ErrorKind, ToolError};
pub use gate::Gate;
pub use ledger::Ledger;
pub use policy::Policy;
pub use probe::Probe;
pub use registry::{Duplicate, Module, Registered, Registry, SharedArgument};
pub use resource::{Resource, ResourceSpec};
pub use tool::{JsonObject, Tool, ToolSpec};
