//! Calls that come at the same time are done together: while as many as may be are under way, those that come gather, and the next does
//! all of them. Nobody waits for others to come, and nobody is answered by what began before they asked.
//!
//! What is done together fails together. Then each does it alone, so that nobody gets another's error; unless the database is away, which
//! all of them are told.

use crate::{Result, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The most calls that are done together.
const MOST: usize = 64;

/// Gathers calls with a `T` that are answered with an `R`. Clones are one.
pub(crate) struct Gatherer<T, R> {
    queue: Arc<Mutex<Queue<T, R>>>,
    places: usize,
}

struct Queue<T, R> {
    waiting: Vec<(T, oneshot::Sender<Answer<R>>)>,
    under_way: usize,
}

/// `None` if it is to be done alone.
type Answer<R> = Result<Option<R>>;

impl<T: Send + 'static, R: Send + 'static> Gatherer<T, R> {
    /// So many are under way at once.
    pub(crate) fn new(places: usize) -> Self {
        Self { queue: Arc::new(Mutex::new(Queue { waiting: Vec::new(), under_way: 0 })), places }
    }

    /// Does it together with others, as `together` does it, which answers each of those it is given; or else `alone`. Neither ends with its
    /// caller.
    pub(crate) async fn call<F: Future<Output = Result<Vec<R>>> + Send>(
        &self,
        one: T,
        together: impl Fn(Vec<T>) -> F + Send + 'static,
        alone: impl AsyncFnOnce() -> Result<R>,
    ) -> Result<R> {
        let (sender, answer) = oneshot::channel();
        let begins = {
            let mut queue = lock(&self.queue);
            queue.waiting.push((one, sender));
            let begins = queue.under_way < self.places;
            queue.under_way += usize::from(begins);
            begins
        };
        if begins {
            let mut place = Place { queue: Arc::clone(&self.queue), is_taken: true };
            // A task of its own, because others depend on it.
            tokio::spawn(async move {
                while let Some(batch) = place.next() {
                    let (calls, senders): (Vec<T>, Vec<_>) = batch.into_iter().unzip();
                    answer_all(senders, together(calls).await);
                }
            });
        }
        match answer.await {
            Ok(Ok(Some(answer))) => Ok(answer),
            // Nobody answered because of a panic, of which others are no reason either.
            Ok(Ok(None)) | Err(_) => alone().await,
            Ok(Err(error)) => Err(error),
        }
    }
}

fn answer_all<R>(senders: Vec<oneshot::Sender<Answer<R>>>, done: Result<Vec<R>>) {
    // Whoever does not listen any more has gone away.
    match done {
        Ok(answers) => {
            for (sender, answer) in senders.into_iter().zip(answers) {
                let _ = sender.send(Ok(Some(answer)));
            }
        }
        Err(error) => {
            for sender in senders {
                let away = || StoreError::Database(sqlx::Error::Io(std::io::Error::other(error.to_string())));
                let _ = sender.send(if error.is_unavailable() { Err(away()) } else { Ok(None) });
            }
        }
    }
}

fn lock<Q>(queue: &Mutex<Q>) -> MutexGuard<'_, Q> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of the places at which calls are done.
struct Place<T, R> {
    queue: Arc<Mutex<Queue<T, R>>>,
    is_taken: bool,
}

impl<T, R> Place<T, R> {
    /// What has gathered. If it is nothing, the place is given back in the same moment: who comes next takes it.
    fn next(&mut self) -> Option<Vec<(T, oneshot::Sender<Answer<R>>)>> {
        let mut queue = lock(&self.queue);
        let count = queue.waiting.len().min(MOST);
        if count == 0 {
            queue.under_way -= 1;
            self.is_taken = false;
            return None;
        }
        Some(queue.waiting.drain(..count).collect())
    }
}

impl<T, R> Drop for Place<T, R> {
    /// After a panic those that wait are let go.
    fn drop(&mut self) {
        if self.is_taken {
            let mut queue = lock(&self.queue);
            queue.under_way -= 1;
            queue.waiting.clear();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    async fn doubled(numbers: Vec<u32>) -> Result<Vec<(u32, usize)>> {
        if numbers.contains(&13) {
            return Err(StoreError::Conflict("13".into()));
        }
        Ok(numbers.iter().map(|number| (number * 2, numbers.len())).collect())
    }

    /// Lets the other tasks go on until it is so.
    async fn until(is_so: impl Fn() -> bool) {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_done_together_and_what_fails_together_alone() {
        let (gatherer, gate) = (Arc::new(Gatherer::new(1)), Arc::new(Semaphore::new(0)));
        let call = |number| {
            let (gatherer, gate) = (Arc::clone(&gatherer), Arc::clone(&gate));
            let together = move |numbers| {
                let gate = Arc::clone(&gate);
                async move {
                    gate.acquire().await.unwrap().forget();
                    doubled(numbers).await
                }
            };
            tokio::spawn(async move { gatherer.call(number, together, async || Ok((0, 0))).await })
        };
        let waiting = |count| lock(&gatherer.queue).waiting.len() == count;
        let first = call(1);
        until(|| lock(&gatherer.queue).under_way == 1 && waiting(0)).await;
        let others = [call(2), call(3)];
        until(|| waiting(2)).await;
        gate.add_permits(2);
        let mut answers = Vec::new();
        for call in [first].into_iter().chain(others) {
            answers.push(call.await.ok().and_then(Result::ok));
        }
        assert_eq!(answers, [Some((2, 1)), Some((4, 2)), Some((6, 2))]);
        assert_eq!(gatherer.call(13, doubled, async || Ok((7, 7))).await.ok(), Some((7, 7)));
        assert_eq!(gatherer.call(4, doubled, async || Ok((0, 0))).await.ok(), Some((8, 1)));
    }

    #[tokio::test]
    async fn a_panic_costs_nobody_else_an_answer() {
        let gatherer = Gatherer::new(1);
        let panics = |_: Vec<u32>| async { panic!("as it is meant to") };
        assert_eq!(gatherer.call(1, panics, async || Ok((9, 9))).await.ok(), Some((9, 9)));
        assert_eq!(gatherer.call(2, doubled, async || Ok((0, 0))).await.ok(), Some((4, 1)));
    }
}
