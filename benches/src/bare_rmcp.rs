//! A floor for information: the least server that the protocol library makes, with a tool that answers at once.

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
        ServerConfig,
    },
    service::{RequestContext, ServerInitializeError},
    transport::stdio_pipes,
};

use crate::Outcome;

/// Bytes of an answer around its text.
const AROUND: usize = 104;

struct Bare {
    text: String,
}

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = ContentBlock::text(self.text.clone());
        Ok(CallToolResult::success(vec![text]).into())
    }
}

/// Serves until the input ends, each answer about `length` bytes long.
pub(crate) fn run(length: usize) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bare = Bare {
        text: ".".repeat(length.saturating_sub(AROUND)),
    };
    runtime.block_on(async {
        match bare.serve(stdio_pipes()).await {
            Ok(service) => {
                service.waiting().await?;
                Ok(())
            }
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    })
}
