//! The user interface: pages (a handler that loads, a component that shows) and form handlers of a few lines.

// A page is one deep type until it is erased.
#![recursion_limit = "256"]

pub mod accounts;
mod action_items;
pub mod address;
pub mod answer;
pub mod assets;
mod audit;
mod banners;
mod bounds;
mod by_browser;
mod calendars;
pub mod components;
pub mod csv_file;
pub mod demo;
pub mod design;
mod drawn;
mod files;
mod find;
mod form;
mod form_page;
mod health;
mod home;
pub mod incidents;
mod learning;
mod markdown;
mod notifications;
pub mod oncall;
mod open;
pub mod origin;
mod people;
mod places;
mod postmortems;
pub mod preferences;
mod questions;
pub mod render;
mod routes;
mod sent;
pub mod session;
pub mod settings;
pub mod setup;
pub mod state;
mod teams;
mod tints;
mod title_form;
pub mod visitor;
pub mod zoned;

pub use routes::routes;
pub use state::App;
