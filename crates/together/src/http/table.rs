//! The routes as they are added: a router, and the list of its paths for tests that leave none out.

use super::App;
use axum::Router;
use axum::routing::MethodRouter;

/// Routes and their paths.
#[derive(Default)]
pub struct Table {
    router: Router<App>,
    paths: Vec<String>,
}

impl Table {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and one more.
    pub fn route(mut self, path: &str, methods: MethodRouter<App>) -> Self {
        self.paths.push(path.to_owned());
        Self { router: self.router.route(path, methods), ..self }
    }

    /// These and others.
    pub fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// The router.
    pub fn router(self) -> Router<App> {
        self.router
    }

    /// The paths, `{name}` for what varies.
    pub fn paths(self) -> Vec<String> {
        self.paths
    }
}
