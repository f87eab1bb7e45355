//! The module that the browser loads: the islands, and the one call that tells Leptos it wakes a page the server made.
//! The islands' own functions are exported by their macro; `public/boot.js` calls them.

// Nothing refers to the islands by name; this keeps them in the module.
pub use islands::*;

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
