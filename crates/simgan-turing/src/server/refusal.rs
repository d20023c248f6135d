//! What a request gets that is refused.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request is refused.
pub(super) struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// In words.
    pub error: String,
    /// Answers kept so far, where the page has another number in mind.
    pub answered: Option<usize>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.error });
        if let Some(answered) = self.answered {
            body["answered"] = json!(answered);
        }
        (self.status, Json(body)).into_response()
    }
}

/// A refusal in words.
pub(super) fn refusal(status: StatusCode, error: &str) -> Refusal {
    Refusal {
        status,
        error: error.to_owned(),
        answered: None,
    }
}
