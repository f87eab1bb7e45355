//! Tables, for what is compared by column.

use leptos::prelude::*;

/// A table. Its children are `<Row>`s of `<Cell>`s, which stand below each other on a phone, each with its heading; plain `<tr>`s
/// keep their columns there and scroll inside the table.
#[component]
pub fn DataTable(
    #[prop(into)] caption: String,
    headers: Vec<&'static str>,
    children: Children,
) -> impl IntoView {
    debug_assert!(!headers.contains(&""), "each column says what stands in it");
    let headers = headers
        .into_iter()
        .map(|header| {
            view! {
                <th scope="col" role="columnheader">
                    {header}
                </th>
            }
        })
        .collect_view();
    let label = caption.clone();
    // The roles are those that the elements have anyway; browsers forget them where a style changes how rows are laid out.
    view! {
        <div class="table-scroll" role="region" aria-label=label tabindex="0">
            <table class="table" role="table">
                <caption class="unseen">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{headers}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
pub fn Row(children: Children) -> impl IntoView {
    view! {
        <tr class="row-stacks" role="row">
            {children()}
        </tr>
    }
}

/// A cell with the heading of its column, which is shown where columns have no room. Without one it leads the row.
#[component]
pub fn Cell(#[prop(optional)] label: &'static str, children: Children) -> impl IntoView {
    let label = (!label.is_empty()).then_some(label);
    view! {
        <td role="cell" data-label=label>
            <div>{children()}</div>
        </td>
    }
}
