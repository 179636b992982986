//! What waits for the writers: strictly in order for each key, in turn between keys.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;

/// A bounded queue for several takers, of which only one has an item of a key at a time.
#[derive(Debug)]
pub(super) struct Queue<T> {
    capacity: usize,
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

/// A key of `by_key` stands in `turns` once, or somebody has an item of it.
#[derive(Debug)]
struct Waiting<T> {
    by_key: HashMap<String, VecDeque<T>>,
    turns: VecDeque<String>,
    length: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub fn new(capacity: usize) -> Self {
        let waiting = Waiting { by_key: HashMap::new(), turns: VecDeque::new(), length: 0, closed: false };
        Self { capacity, waiting: Mutex::new(waiting), arrived: Condvar::new() }
    }

    /// Adds an item behind those of its key, or gives it back with the reason.
    pub fn push(&self, key: &str, item: T) -> Result<(), (T, StoreError)> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err((item, StoreError::Closed));
        }
        if waiting.length >= self.capacity {
            return Err((item, StoreError::Busy));
        }
        waiting.push(key, item);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits until there is something, then takes what has gathered: the first item of each key, at most so
    /// many. Nothing when the queue is closed and empty.
    ///
    /// Nobody gets the next item of these keys before what was taken is dropped; that is what makes a key serial.
    pub fn take(&self, most: usize) -> Option<Taken<'_, T>> {
        let mut waiting = self.lock();
        while waiting.turns.is_empty() {
            if waiting.closed && waiting.length == 0 {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let (keys, items) = waiting.take(most);
        Some(Taken { queue: self, keys, items })
    }

    /// Takes on nothing more; what waits can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody took; once it is dropped its keys are free again, also where a panic drops it.
pub(super) struct Taken<'q, T> {
    queue: &'q Queue<T>,
    keys: Vec<String>,
    items: Vec<T>,
}

impl<T> Taken<'_, T> {
    /// The items, once.
    pub fn items(&mut self) -> Vec<T> {
        std::mem::take(&mut self.items)
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        self.keys.drain(..).for_each(|key| waiting.free(key));
        drop(waiting);
        self.queue.arrived.notify_all();
    }
}

impl<T> Waiting<T> {
    fn push(&mut self, key: &str, item: T) {
        self.length = self.length.saturating_add(1);
        if let Some(items) = self.by_key.get_mut(key) {
            items.push_back(item);
            return;
        }
        self.by_key.insert(key.to_owned(), VecDeque::from([item]));
        self.turns.push_back(key.to_owned());
    }

    fn take(&mut self, most: usize) -> (Vec<String>, Vec<T>) {
        let keys: Vec<String> = self.turns.drain(..self.turns.len().min(most)).collect();
        let items: Vec<T> = keys.iter().filter_map(|key| self.by_key.get_mut(key)?.pop_front()).collect();
        self.length = self.length.saturating_sub(items.len());
        (keys, items)
    }

    fn free(&mut self, key: String) {
        match self.by_key.get(&key) {
            Some(items) if items.is_empty() => drop(self.by_key.remove(&key)),
            Some(_) => self.turns.push_back(key),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_one_item_of_each_key_in_order() {
        let queue = Queue::new(10);
        for (key, item) in [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
            queue.push(key, item).unwrap();
        }
        assert_eq!(items(&queue, 512), Some(vec![1, 3, 5]));
        assert_eq!(items(&queue, 512), Some(vec![2]));
        assert_eq!(items(&queue, 512), Some(vec![4]));
    }

    #[test]
    fn keys_that_do_not_fit_into_a_batch_come_first_in_the_next() {
        let queue = Queue::new(10);
        for (key, item) in [("a", 1), ("a", 2), ("b", 3), ("c", 4)] {
            queue.push(key, item).unwrap();
        }
        assert_eq!(items(&queue, 2), Some(vec![1, 3]));
        assert_eq!(items(&queue, 2), Some(vec![4, 2]));
    }

    #[test]
    fn a_second_taker_gets_no_item_of_a_key_that_is_taken() {
        let queue = Queue::new(10);
        for (key, item) in [("a", 1), ("a", 2), ("b", 3)] {
            queue.push(key, item).unwrap();
        }
        let mut first = queue.take(1).unwrap();
        assert_eq!(first.items(), [1]);
        queue.push("a", 4).unwrap();
        assert_eq!(items(&queue, 512), Some(vec![3]));
        drop(first);
        assert_eq!(items(&queue, 512), Some(vec![2]));
        assert_eq!(items(&queue, 512), Some(vec![4]));
    }

    #[test]
    fn the_queue_does_not_end_while_items_wait_for_a_key_that_is_taken() {
        let queue = Queue::new(10);
        queue.push("a", 1).unwrap();
        queue.push("a", 2).unwrap();
        queue.close();
        let first = queue.take(512).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| items(&queue, 512));
            drop(first);
            assert_eq!(second.join().unwrap(), Some(vec![2]));
        });
        assert_eq!(items(&queue, 512), None);
    }

    fn items(queue: &Queue<i32>, most: usize) -> Option<Vec<i32>> {
        queue.take(most).map(|mut taken| taken.items())
    }

    #[test]
    fn a_full_queue_gives_the_item_back() {
        let queue = Queue::new(1);
        queue.push("a", 1).unwrap();
        assert_eq!(queue.push("b", 2), Err((2, StoreError::Busy)));
    }

    #[test]
    fn a_closed_queue_is_emptied_and_then_ends() {
        let queue = Queue::new(2);
        queue.push("a", 1).unwrap();
        queue.close();
        assert_eq!(queue.push("b", 2), Err((2, StoreError::Closed)));
        assert_eq!(items(&queue, 512), Some(vec![1]));
        assert_eq!(items(&queue, 512), None);
    }
}
