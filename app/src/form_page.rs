//! The cycle of every form: read it, act, and lead on (303), or show its page again with what was typed and a sentence beside the field
//! (422). A program that asks for JSON is told the same as JSON, see [`crate::answer`].

use crate::address::Path;
use crate::answer::{
    Answered, Problem, error_page, problem_json, problem_of, redirect, said_as_json, wants_json,
};
use crate::components::{Frame, Section};
use crate::preferences::saved;
use crate::render;
use crate::session::SignedIn;
use crate::state::App;
use crate::visitor::Visitor;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use engine::{Acting, Actor, Error, Result, Tx};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::any::Any;

/// Whoever asks for a page: somebody who is signed in, or anybody.
pub trait Caller: FromRequestParts<App, Rejection: IntoResponse> + Send + Sync + 'static {
    fn actor(&self) -> Actor;

    /// What stands around the page.
    ///
    /// # Errors
    /// [`engine::Error::Database`]
    fn frame(
        &self,
        tx: &mut Tx,
        title: String,
        section: Section,
    ) -> impl Future<Output = Result<Frame>> + Send;
}

impl Caller for SignedIn {
    fn actor(&self) -> Actor {
        Self::actor(self)
    }

    async fn frame(&self, tx: &mut Tx, title: String, section: Section) -> Result<Frame> {
        Self::frame(self, tx, title, section).await
    }
}

impl Caller for Visitor {
    fn actor(&self) -> Actor {
        Self::actor(self)
    }

    /// With nobody in it.
    async fn frame(&self, _: &mut Tx, title: String, _: Section) -> Result<Frame> {
        Ok(Frame::new(title))
    }
}

/// A page with forms on it, by what its address names: the fields are the names in the braces of its route.
pub trait FormPage: DeserializeOwned + Send + Sync + Sized + 'static {
    /// Who may come to it.
    type Caller: Caller;

    /// All that it shows.
    type View: Send + 'static;

    /// Where a form that was done leads.
    fn address(&self) -> String;

    /// # Errors
    /// What it shows is not there, or not for this reader.
    fn load(here: &Here<Self>, tx: &mut Tx) -> impl Future<Output = Result<Self::View>> + Send;

    /// The same where what is read hangs on what came back.
    ///
    /// # Errors
    /// As [`FormPage::load`].
    fn load_returned(
        here: &Here<Self>,
        tx: &mut Tx,
        _returned: &Returned,
    ) -> impl Future<Output = Result<Self::View>> + Send {
        Self::load(here, tx)
    }

    /// Its title, and the section of the bar that it belongs to.
    fn title(view: &Self::View) -> (String, Section);

    /// Whether it takes the whole width of a large screen.
    const IS_WIDE: bool = false;

    /// Whether it says “Saved” after a form of its own. One that tells by itself what was done need not.
    const SAYS_SAVED: bool = true;

    /// What to do where its address, out of a mail, is not known. Without it what is missing is named.
    const UNKNOWN: Option<&'static str> = None;

    /// The id of the part that has what is next, where it does not come first: a keyboard is led there past all else.
    fn next(_view: &Self::View) -> Option<&'static str> {
        None
    }

    fn show(view: Self::View, returned: Returned) -> impl IntoView + 'static;
}

/// A request to a page or to one of its forms: by whom, and which page.
pub struct Here<P: FormPage> {
    pub app: App,
    pub who: P::Caller,
    pub page: P,
    wants_json: bool,
}

impl<P: FormPage> FromRequestParts<App> for Here<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let who = P::Caller::from_request_parts(parts, app).await;
        let who = who.map_err(IntoResponse::into_response)?;
        let Path(page) = Path::from_request_parts(parts, app).await?;
        Ok(Self {
            app: app.clone(),
            who,
            page,
            wants_json: wants_json(&parts.headers),
        })
    }
}

impl<P: FormPage> Here<P> {
    /// The engine in the hands of whoever asks.
    pub fn by(&self) -> Acting {
        self.app.acting(self.who.actor())
    }

    /// # Errors
    /// As [`FormPage::load`].
    pub async fn show(&self) -> Answered {
        self.page(StatusCode::OK, Returned::default()).await
    }

    /// What became of a form: back to its page, or the page again with `form` as it was typed.
    ///
    /// # Errors
    /// What no other words in the form would mend.
    pub async fn after<T>(&self, done: Result<T>, form: impl Any + Send + Sync) -> Answered {
        self.lead_saying_so(done.map(|_| self.page.address()), form).await
    }

    /// The same where the form's place on the page has a name; the browser scrolls there, and Tab goes on from there.
    ///
    /// # Errors
    /// As [`Here::after`].
    pub async fn after_at<T>(&self, place: &str, done: Result<T>, form: impl Any + Send + Sync) -> Answered {
        let to = |_| format!("{}#{place}", self.page.address());
        self.lead_saying_so(done.map(to), form).await
    }

    async fn lead_saying_so(&self, done: Result<String>, form: impl Any + Send + Sync) -> Answered {
        let says_saved = done.is_ok() && P::SAYS_SAVED && !self.wants_json;
        let answer = self.lead(done, form).await?;
        Ok(if says_saved { saved::say(answer) } else { answer })
    }

    /// The same where the form leads elsewhere.
    ///
    /// # Errors
    /// As [`Here::after`].
    pub async fn lead(&self, done: Result<String>, form: impl Any + Send + Sync) -> Answered {
        match done {
            Ok(address) => Ok(redirect(&address)),
            Err(Error::NotFound(_)) if P::UNKNOWN.is_some() => Ok(unknown::<P>()),
            Err(error) => {
                let problem = problem_of(error)?;
                self.again(StatusCode::UNPROCESSABLE_ENTITY, form, problem).await
            }
        }
    }

    /// The same of a button that has nothing to type beside it.
    ///
    /// # Errors
    /// As [`Here::after`].
    pub async fn after_press<T>(&self, done: Result<T>) -> Answered {
        self.lead(done.map(|_| self.page.address()), Press).await
    }

    /// The same where the button leads elsewhere.
    ///
    /// # Errors
    /// As [`Here::after`].
    pub async fn lead_press(&self, done: Result<String>) -> Answered {
        self.lead(done, Press).await
    }

    /// The page with a sentence that says what became of a button.
    ///
    /// # Errors
    /// As [`Here::after`].
    pub async fn say(&self, done: Result<impl Into<String>>) -> Answered {
        match done {
            Ok(sentence) if self.wants_json => Ok(said_as_json(&sentence.into())),
            Ok(sentence) => self.draw(Said(sentence.into())).await,
            Err(error) => self.after_press::<()>(Err(error)).await,
        }
    }

    /// The page with what is typed, as a button draws it that does nothing yet.
    ///
    /// # Errors
    /// As [`FormPage::load`].
    pub async fn draw(&self, form: impl Any + Send + Sync) -> Answered {
        let form: Box<dyn Any + Send + Sync> = Box::new(form);
        self.page(StatusCode::OK, Returned(Some((form, Problem::default()))))
            .await
    }

    /// The page again, with a form that was not done, or not wholly.
    ///
    /// # Errors
    /// As [`FormPage::load`].
    pub async fn again(
        &self,
        status: StatusCode,
        form: impl Any + Send + Sync,
        problem: Problem,
    ) -> Answered {
        if self.wants_json {
            return Ok(problem_json(status, &problem.sentence, problem.field.as_deref()));
        }
        let form: Box<dyn Any + Send + Sync> = Box::new(form);
        let returned = Returned(Some((form, problem)));
        self.page(status, returned).await
    }

    async fn page(&self, status: StatusCode, returned: Returned) -> Answered {
        let mut tx = self.by().read().await?;
        let view = match P::load_returned(self, &mut tx, &returned).await {
            Err(Error::NotFound(_)) if P::UNKNOWN.is_some() => return Ok(unknown::<P>()),
            view => view?,
        };
        let (title, section) = P::title(&view);
        let frame = Frame {
            wide: P::IS_WIDE,
            next: P::next(&view),
            ..self.who.frame(&mut tx, title, section).await?
        };
        Ok(render::page(status, frame, move || P::show(view, returned)))
    }
}

fn unknown<P: FormPage>() -> Response {
    let sentence = P::UNKNOWN.unwrap_or_default();
    error_page(StatusCode::NOT_FOUND, "This link is not known here", sentence)
}

/// What became of a button.
#[derive(Clone, Debug)]
struct Said(String);

/// Stands for a form without fields.
#[derive(Clone, Copy, Debug)]
struct Press;

/// The form of the page that came back, if one did.
#[derive(Default)]
pub struct Returned(Option<(Box<dyn Any + Send + Sync>, Problem)>);

impl Returned {
    /// What this form is to show; a form is known by its type.
    pub fn of<F: Clone + 'static>(&self) -> Back<F> {
        self.of_this(|_| true)
    }

    /// Why a button could not do what it says; nothing where none was pressed.
    pub fn of_press(&self) -> Problem {
        Problem {
            field: None,
            ..self.of::<Press>().problem
        }
    }

    /// What became of the button that was pressed, or why it could not do what it says.
    pub fn said(&self) -> Option<String> {
        let done = self.of::<Said>().typed.map(|Said(sentence)| sentence);
        done.or_else(|| Some(self.of_press().sentence).filter(|sentence| !sentence.is_empty()))
    }

    /// The same where a page has several forms of one type.
    pub fn of_this<F: Clone + 'static>(&self, is_this: impl FnOnce(&F) -> bool) -> Back<F> {
        let back = self.0.as_ref().and_then(|(form, problem)| {
            let form = form.downcast_ref::<F>().filter(|form| is_this(form))?;
            Some((form.clone(), problem.clone()))
        });
        match back {
            Some((form, problem)) => Back {
                typed: Some(form),
                problem,
            },
            None => Back {
                typed: None,
                problem: Problem::default(),
            },
        }
    }
}

/// A form as it came back; nothing typed and no problem where it did not.
#[derive(Clone, Debug)]
pub struct Back<F> {
    pub typed: Option<F>,
    pub problem: Problem,
}

impl<F> Back<F> {
    /// Whether it came back: what is folded away then stands open.
    pub const fn is_open(&self) -> bool {
        self.typed.is_some()
    }

    /// What was typed, or what the form says before anybody typed, and what was wrong with it.
    pub fn or(self, fresh: impl FnOnce() -> F) -> (F, Problem) {
        (self.typed.unwrap_or_else(fresh), self.problem)
    }
}
