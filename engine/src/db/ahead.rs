//! Answers that were looked up for a whole batch at once, before its parts ask one after the other.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;

/// What may be looked up ahead. Where the answer is there, it stands for a look at the database.
pub(crate) trait Question: Hash + Eq + Send + 'static {
    type Answer: Send + 'static;
}

/// The answers that a transaction has. Whoever puts one there answers for it that it is still true when it is asked for: what this
/// transaction may change meanwhile is to be taken, so that the next look is at the database.
#[derive(Default)]
pub(crate) struct Ahead(HashMap<TypeId, Box<dyn Any + Send>>);

impl Ahead {
    pub fn put<Q: Question>(&mut self, question: Q, answer: Q::Answer) {
        let answers = self.0.entry(TypeId::of::<Q>());
        let answers = answers.or_insert_with(|| Box::new(HashMap::<Q, Q::Answer>::new()));
        if let Some(answers) = answers.downcast_mut::<HashMap<Q, Q::Answer>>() {
            answers.insert(question, answer);
        }
    }

    /// The answer, which stays.
    pub fn get<Q: Question>(&self, question: &Q) -> Option<&Q::Answer> {
        let answers = self.0.get(&TypeId::of::<Q>())?;
        answers.downcast_ref::<HashMap<Q, Q::Answer>>()?.get(question)
    }

    /// The answer, once.
    pub fn take<Q: Question>(&mut self, question: &Q) -> Option<Q::Answer> {
        let answers = self.0.get_mut(&TypeId::of::<Q>())?;
        answers.downcast_mut::<HashMap<Q, Q::Answer>>()?.remove(question)
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }
}
