//! What the protocol asks of a server, handed on to whoever knows: [`tools`], [`call`], [`resources`].

use super::tools::{self, Tool};
use super::{call, resources};
use crate::answer::Here;
use crate::app::Gateway;
use crate::connect::Within;
use crate::request_id::RequestId;
use axum::extract::FromRequestParts as _;
use axum::http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

const INSTRUCTIONS: &str = "Kitchen is a client portal: clients and their companies, the team's members, folders, and boards with lists. \
    Find something before you change it: the find- tools take names and email addresses, the list- tools give ids to choose from. \
    On a change, what is left out stays as it is. Long work answers with an operation; read its resource to see how far it is.";

/// The server that agents talk to. It keeps nothing between requests.
#[derive(Clone)]
pub(crate) struct Server {
    gateway: Gateway,
}

/// One request: whose it is, and where it came in.
pub(super) struct Visit {
    pub(super) within: Within,
    pub(super) here: Here,
    pub(super) request_id: String,
}

impl Server {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn visit(&self, context: &RequestContext<RoleServer>) -> Result<Visit, ErrorData> {
        let lost = || ErrorData::internal_error("Something went wrong on our side. Nothing was changed.", None);
        let mut parts = context.extensions.get::<Parts>().cloned().ok_or_else(lost)?;
        let request_id = parts.extensions.get::<RequestId>().map(|RequestId(id)| id.clone()).ok_or_else(lost)?;
        let within = Within::from_request_parts(&mut parts, &self.gateway).await.map_err(|_| lost())?;
        let here = Here::from_request_parts(&mut parts, &self.gateway).await.map_err(|_| lost())?;
        Ok(Visit { within, here, request_id })
    }
}

fn cursor(request: Option<&PaginatedRequestParams>) -> Option<&str> {
    request.and_then(|request| request.cursor.as_deref())
}

/// What is said to a cursor that no list of ours ended with.
pub(super) fn lost_cursor() -> ErrorData {
    ErrorData::invalid_params("This cursor leads nowhere. List again from the start, without one.", None)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let this = Implementation::new("kitchen-gateway", env!("CARGO_PKG_VERSION")).with_title("Kitchen Gateway");
        ServerConfig::new(capabilities).with_server_info(this).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let visit = self.visit(&context).await?;
        tools::list(self.gateway.catalogue(), &visit.within.caller, cursor(request.as_ref())).ok_or_else(lost_cursor)
    }

    /// A tool that the key may not use is on no list it was given; called all the same, it says what is missing.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let visit = self.visit(&context).await?;
        let tool = Tool::named(self.gateway.catalogue(), &request.name).ok_or_else(|| {
            ErrorData::invalid_params(format!("There is no tool {}. List the tools to see those there are.", request.name), None)
        })?;
        let done = call::call(&self.gateway, &visit, &tool, request.arguments.unwrap_or_default()).await;
        Ok(call::told(done, &visit.request_id).into())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let visit = self.visit(&context).await?;
        resources::list(self.gateway.catalogue(), &visit, cursor(request.as_ref())).await
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let visit = self.visit(&context).await?;
        Ok(resources::templates(self.gateway.catalogue(), &visit))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let visit = self.visit(&context).await?;
        Ok(resources::read(self.gateway.catalogue(), &visit, &request.uri).await?.into())
    }
}
