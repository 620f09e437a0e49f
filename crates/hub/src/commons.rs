//! What parts that are made apart have in common: the sessions of a protocol and its routes, on every listener.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One value of each type, made when it is first asked for. Clones share them.
#[derive(Clone, Default)]
pub struct Commons(Arc<Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Commons {
    /// The one value of a type.
    ///
    /// # Panics
    /// Never: what is kept under a type is of that type.
    pub fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        value.downcast().unwrap_or_else(|_| unreachable!("what is kept under a type is of that type"))
    }
}

impl std::fmt::Debug for Commons {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Commons")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn clones_share_one_value_of_each_type() {
        let commons = Commons::default();
        commons.of::<AtomicU32>().store(7, Ordering::Relaxed);
        assert_eq!(commons.clone().of::<AtomicU32>().load(Ordering::Relaxed), 7);
        assert_eq!(*commons.of::<String>(), "");
    }
}
