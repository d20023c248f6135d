//! What each request gets.

use std::sync::{Arc, MutexGuard, PoisonError};

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{Refusal, refusal};
use super::{Served, guard};
use crate::page::{FILES, FormView, Place, picture};
use crate::results::Score;
use crate::session::{Answer, check_subject};
use crate::test_folder::TestFolder;

/// Longest body of a request in bytes: far more than an answer takes.
const LONGEST_BODY: usize = 4096;
/// What stands for the scripts of forms where the program itself hands them out.
const NO_FORMS: &str = "// The program hands the forms out.\n";

/// What requests work on.
type Shared = State<Arc<Served>>;

/// All requests.
pub(super) fn router(served: Arc<Served>) -> Router {
    let mut router = Router::new().route("/", get(|| async { file(0) }));
    for (index, (name, _, _)) in FILES.iter().enumerate() {
        router = router.route(&format!("/{name}"), get(move || async move { file(index) }));
    }
    router
        .route("/forms.js", get(|| async { script(NO_FORMS) }))
        .route("/api/sessions", post(begin))
        .route("/api/sessions/{session}", get(show))
        .route("/api/sessions/{session}/answers", post(answer))
        .route("/api/sessions/{session}/score", get(score))
        .route("/image/{session}/{round}/{place}", get(image))
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "there is nothing here") })
        .method_not_allowed_fallback(|| async {
            refusal(StatusCode::METHOD_NOT_ALLOWED, "this can't be done here")
        })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&served),
            guard::guard,
        ))
        .with_state(served)
}

fn file(index: usize) -> Response {
    let (_, media_type, text) = FILES[index];
    ([(CONTENT_TYPE, media_type)], text).into_response()
}

fn script(text: &'static str) -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    subject: String,
}

async fn begin(
    State(served): Shared,
    body: Result<Json<Begin>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(Begin { subject }) = body.map_err(malformed)?;
    check_subject(&subject).map_err(|e| refusal(StatusCode::BAD_REQUEST, &e.to_string()))?;
    let mut folder = lock(&served);
    let session = folder.add_subject(&subject).map_err(unavailable)?;
    Ok((StatusCode::CREATED, Json(view(&folder, session)?)).into_response())
}

async fn show(State(served): Shared, Path(token): Path<String>) -> Result<Response, Refusal> {
    let folder = lock(&served);
    let session = find(&folder, &token)?;
    Ok(Json(view(&folder, session)?).into_response())
}

async fn answer(
    State(served): Shared,
    Path(token): Path<String>,
    body: Result<Json<Answer>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(answer) = body.map_err(malformed)?;
    let mut folder = lock(&served);
    let index = find(&folder, &token)?;
    let session = &mut folder.sessions[index];
    if session.asked() != Some((answer.round, answer.trial)) {
        let error = "this image was decided on before, or is not the one that is asked";
        return Err(Refusal {
            answered: Some(session.answers.len()),
            ..refusal(StatusCode::CONFLICT, error)
        });
    }
    session.answer(answer).map_err(unavailable)?;
    Ok(Json(json!({ "answered": session.answers.len() })).into_response())
}

async fn score(State(served): Shared, Path(token): Path<String>) -> Result<Response, Refusal> {
    let folder = lock(&served);
    let session = &folder.sessions[find(&folder, &token)?];
    if !session.is_finished() {
        let error = "the score is told after the last image";
        return Err(refusal(StatusCode::CONFLICT, error));
    }
    let rounds = session.form.rounds.iter().map(|round| {
        let own = session.decisions().filter(|(a, _)| a.round == round.name);
        let right = own.filter(|(a, shown)| a.choice == shown.kind.right_choice());
        let Score { right, all, .. } = Score::of(right.count(), round.trials.len());
        json!({ "round": round.name, "right": right, "all": all })
    });
    Ok(Json(json!({ "score": rounds.collect::<Vec<_>>() })).into_response())
}

async fn image(
    State(served): Shared,
    Path((token, round, place)): Path<(String, usize, String)>,
) -> Result<Response, Refusal> {
    let folder = lock(&served);
    let form = &folder.sessions[find(&folder, &token)?].form;
    let place = parse(&place);
    let picture = place.and_then(|place| picture(&served.gallery, form, round, place));
    let picture = picture.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "no such image"))?;
    // A browser fetches the next image early and must find it again.
    let headers = [
        (CONTENT_TYPE, "image/bmp"),
        (CACHE_CONTROL, "private, max-age=3600"),
    ];
    Ok((headers, picture.bmp.clone()).into_response())
}

/// `e7`: the example 7; `t7`: the trial 7.
fn parse(place: &str) -> Option<Place> {
    let (kind, index) = place.split_at_checked(1)?;
    let index = index.parse().ok()?;
    match kind {
        "e" => Some(Place::Example(index)),
        "t" => Some(Place::Trial(index)),
        _ => None,
    }
}

/// What the page is told of a session.
fn view(folder: &TestFolder, session: usize) -> Result<Value, Refusal> {
    let token = folder.plan.session_token(session);
    let session = &folder.sessions[session];
    let src = |round: usize, place: Place| match place {
        Place::Example(index) => format!("image/{token}/{round}/e{index}"),
        Place::Trial(index) => format!("image/{token}/{round}/t{index}"),
    };
    let form = FormView::new(&folder.plan, (session.number, &session.form), &src);
    let mut view = serde_json::to_value(form)
        .map_err(|e| refusal(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string()))?;
    view["session"] = json!(token);
    view["answered"] = json!(session.answers.len());
    Ok(view)
}

/// The session that `token` names.
fn find(folder: &TestFolder, token: &str) -> Result<usize, Refusal> {
    let is_it = |&number: &usize| folder.plan.session_token(number) == token;
    let found = (0..folder.sessions.len()).find(is_it);
    found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "no such session; begin anew"))
}

fn lock(served: &Served) -> MutexGuard<'_, TestFolder> {
    // What is kept is whole: a fault of one request is none of the others.
    served.folder.lock().unwrap_or_else(PoisonError::into_inner)
}

fn malformed(rejection: JsonRejection) -> Refusal {
    refusal(rejection.status(), &rejection.body_text())
}

/// The disk, or the number of subjects, has come to its end.
fn unavailable(error: simgan_base::Error) -> Refusal {
    refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
}
