//! What islands that listen to the keyboard share.

use leptos::prelude::document;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, HtmlElement, KeyboardEvent};

/// Listens for as long as the page lives.
pub fn listen(target: &EventTarget, name: &str, act: impl FnMut(JsValue) + 'static) {
    let closure = Closure::<dyn FnMut(JsValue)>::new(act);
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls it with every key that is pressed anywhere on the page.
pub fn on_key(mut act: impl FnMut(&KeyboardEvent) + 'static) {
    listen(&document(), "keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            act(event);
        }
    });
}

/// A single key that is meant for the page: nobody writes, nothing modal is open, and no other key is held.
pub fn is_single(event: &KeyboardEvent) -> bool {
    !(event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || event.is_composing()
        || event.default_prevented()
        || is_writing(event)
        || document().query_selector("dialog[open]").ok().flatten().is_some())
}

fn is_writing(event: &KeyboardEvent) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
    else {
        return false;
    };
    target.is_content_editable() || matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}

/// Gives it the focus, scrolled into sight.
pub fn focus(element: &web_sys::Element) -> bool {
    element
        .dyn_ref::<HtmlElement>()
        .is_some_and(|element| element.focus().is_ok())
}
