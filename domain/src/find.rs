//! What can be found from anywhere, beside incidents.

words! {
    /// In the order in which it is shown.
    pub enum Kind {
        Service = "service",
        Postmortem = "postmortem",
        ActionItem = "action_item",
        Person = "person",
        Team = "team",
        Schedule = "schedule",
        Policy = "policy",
    }
}
