/* Letters to the ledger. One lock guards the list; files are written and the node is called outside
 * of it. */
#include "exchange/courier.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/letter.h"
#include "exchange/records.h"

#include <pthread.h>
#include <string.h>

#define LETTER_BYTES_MAX (2 * TX_BYTES_MAX)
#define LOOK_AGAIN_MS 500 /* at the ledger, while a letter is on its way */
#define RETRY_MIN_MS 500  /* after an error that may pass */
#define RETRY_MAX_MS 15000
#define CLOCK_MARGIN_MS 60000
#define DEFAULT_LIFETIME_MS 3600000

struct courier {
    const struct exchange_host *host;
    struct courier_key key;
    struct shelf shelf;
    struct bell *bell;
    pthread_mutex_t lock; /* guards the list and what is in it */
    struct letters letters;
};

/* ---- life ---- */

static void load_letter(void *context, const char *name, const struct doc *doc)
{
    struct courier *courier = context;
    struct letter *letter = NULL;
    if (letter_from_doc(&letter, name, doc) != 0) {
        log_write(LOG_ERROR, "exchange", "the transaction on %s/%s is damaged and is left alone",
                  courier->shelf.directory, name);
        return;
    }
    letters_append(&courier->letters, letter);
}

int courier_open(struct courier **out, const struct exchange_host *host,
                 const struct courier_key *key, const char *directory, struct bell *bell)
{
    struct courier *courier = memory_alloc(sizeof *courier);
    courier->host = host;
    courier->key = *key;
    courier->bell = bell_ref(bell);
    (void)pthread_mutex_init(&courier->lock, NULL);
    int error = shelf_open(&courier->shelf, directory, "outbox", LETTER_BYTES_MAX);
    error =
        error != 0 ? error : shelf_each(&courier->shelf, COURIER_LETTERS_MAX, load_letter, courier);
    if (error != 0) {
        courier_close(&courier);
    }
    *out = courier;
    return error;
}

void courier_close(struct courier **courier)
{
    if (*courier == NULL) {
        return;
    }
    while ((*courier)->letters.first != NULL) {
        struct letter *letter = (*courier)->letters.first;
        letters_remove(&(*courier)->letters, letter);
        letter_free(letter);
    }
    bell_free(&(*courier)->bell);
    (void)pthread_mutex_destroy(&(*courier)->lock);
    memory_free(*courier);
    *courier = NULL;
}

/* ---- signing ---- */

/* Transactions live until now + lifetime at most, judged by the block's time; a margin keeps one
 * that a fast clock signed from being refused. */
static int64_t expiry_of(const struct courier *courier, int64_t now_ms)
{
    int64_t lifetime_ms = DEFAULT_LIFETIME_MS;
    struct store_view view;
    AUTO(doc_free) struct doc *params = NULL;
    if (store_view_open(&view, courier->host->kv) == 0) {
        (void)record_read(&params, &view, "params");
        lifetime_ms = doc_get_int(params, "tx_lifetime_ms", DEFAULT_LIFETIME_MS);
        store_view_close(&view);
    }
    int64_t margin_ms = lifetime_ms / 10 < CLOCK_MARGIN_MS ? lifetime_ms / 10 : CLOCK_MARGIN_MS;
    return now_ms + lifetime_ms - margin_ms;
}

int courier_sign(struct buf *jws, struct hash *txid, int64_t *expires_ms, struct courier *courier,
                 const char *type, const struct doc *body)
{
    const struct exchange_host *host = courier->host;
    AUTO(tx_free) struct tx *tx = NULL;
    *expires_ms = expiry_of(courier, host->now_ms(host->context));
    const struct tx_draft draft = {.genesis = &host->genesis_hash,
                                   .member = host->member,
                                   .key_name = courier->key.name,
                                   .type = type,
                                   .expires_ms = *expires_ms,
                                   .body = body};
    size_t before = jws->len;
    int error = tx_sign(jws, &draft, courier->key.secret);
    if (error == 0) {
        error = tx_parse(&tx, NULL, view_of(jws->data + before, jws->len - before),
                         &host->genesis_hash);
    }
    if (error == 0) {
        *txid = tx->id;
    }
    return error;
}

static int letter_sign(struct courier *courier, struct letter *letter)
{
    AUTO(buf_free) struct buf jws = {0};
    struct hash txid;
    int64_t expires_ms;
    int error = courier_sign(&jws, &txid, &expires_ms, courier, letter->type, letter->body);
    if (error != 0) {
        return error;
    }
    char *text = memory_copy_text(buf_text(&jws));
    pthread_mutex_lock(&courier->lock); /* others may look at the txid */
    memory_free(letter->jws);
    letter->jws = text;
    letter->txid = txid;
    letter->expires_ms = expires_ms;
    pthread_mutex_unlock(&courier->lock);
    return 0;
}

/* A transaction that its owner has signed already. */
static int letter_adopt(const struct courier *courier, struct letter *letter, const char *jws)
{
    AUTO(tx_free) struct tx *tx = NULL;
    int error = tx_parse(&tx, NULL, view_of_text(jws), &courier->host->genesis_hash);
    if (error == 0) {
        letter->jws = memory_copy_text(jws);
        letter->txid = tx->id;
        letter->expires_ms = tx->expires_ms;
    }
    return error;
}

static int letter_store(const struct courier *courier, const struct letter *letter)
{
    AUTO(doc_free) struct doc *doc = letter_to_doc(letter);
    return shelf_put(&courier->shelf, letter->name, doc);
}

/* ---- posting and looking ---- */

int courier_post(struct courier *courier, const char *name, enum letter_repeat repeat,
                 const char *type, const struct doc *body, const char *jws)
{
    size_t room = repeat == LETTER_TRY ? COURIER_LETTERS_MAX / 2 : COURIER_LETTERS_MAX;
    pthread_mutex_lock(&courier->lock);
    bool there = letters_find(&courier->letters, name) != NULL;
    bool full = courier->letters.count >= room;
    pthread_mutex_unlock(&courier->lock);
    if (there || full) {
        return there ? 0 : ERR_UNAVAILABLE;
    }
    struct letter *letter = letter_new(name, repeat, type, body);
    int error = jws != NULL ? letter_adopt(courier, letter, jws) : letter_sign(courier, letter);
    error = error != 0 ? error : letter_store(courier, letter);
    if (error == 0) {
        pthread_mutex_lock(&courier->lock); /* another thread may have posted it meanwhile */
        there = letters_find(&courier->letters, name) != NULL;
        if (!there) {
            letters_append(&courier->letters, letter);
        }
        pthread_mutex_unlock(&courier->lock);
    }
    if (error != 0 || there) {
        letter_free(letter);
    }
    bell_ring(courier->bell);
    return error;
}

enum letter_state courier_look(struct courier *courier, const char *name, int *error,
                               struct faults *faults, struct hash *txid)
{
    enum letter_state state = LETTER_NONE;
    pthread_mutex_lock(&courier->lock);
    const struct letter *letter = letters_find(&courier->letters, name);
    if (letter != NULL) {
        state = letter->settled ? LETTER_SETTLED : LETTER_PENDING;
        if (error != NULL) {
            *error = letter->error;
        }
        if (faults != NULL) {
            *faults = letter->faults;
        }
        if (txid != NULL) {
            *txid = letter->txid;
        }
    }
    pthread_mutex_unlock(&courier->lock);
    return state;
}

void courier_take(struct courier *courier, const char *name)
{
    pthread_mutex_lock(&courier->lock);
    struct letter *letter = letters_find(&courier->letters, name);
    if (letter != NULL && letter->settled) {
        letters_remove(&courier->letters, letter);
    } else {
        letter = NULL;
    }
    pthread_mutex_unlock(&courier->lock);
    if (letter != NULL) {
        letter_free(letter);
    }
}

/* ---- the way of a letter (owner thread) ---- */

/* Off the shelf first: a letter that is settled in memory only would be sent again, harmlessly. */
static void letter_settle(struct courier *courier, struct letter *letter, int error)
{
    (void)shelf_remove(&courier->shelf, letter->name);
    if (error != 0) {
        log_write(LOG_WARN, "exchange", "%s %s was not recorded: %s", letter->type, letter->name,
                  error_code(error));
    }
    pthread_mutex_lock(&courier->lock);
    letter->settled = true;
    letter->error = error;
    if (letter->ticket != NULL) {
        letter->faults = letter->ticket->faults;
        ticket_free(&letter->ticket);
    }
    bool keep = letter->repeat == LETTER_ONCE; /* its owner wants to know */
    if (!keep) {
        letters_remove(&courier->letters, letter);
    }
    pthread_mutex_unlock(&courier->lock);
    if (!keep) {
        letter_free(letter);
    }
    bell_ring(courier->bell); /* its owner waits for this */
}

static void letter_send(struct courier *courier, struct letter *letter, int64_t now_ms)
{
    const struct exchange_host *host = courier->host;
    struct tx *tx = NULL;
    letter->next_ms = now_ms + LOOK_AGAIN_MS;
    int error = tx_parse(&tx, NULL, view_of_text(letter->jws), &host->genesis_hash);
    if (error != 0) {
        letter_settle(courier, letter, error);
        return;
    }
    letter->ticket = ticket_new(courier->bell);
    host->submit(host->context, tx, true, ticket_answered, letter->ticket);
}

/* Errors that come from the moment, not from the transaction. A fact waits for more to pass. */
static bool may_pass(const struct letter *letter, int error)
{
    switch (error) {
    case ERR_UNAVAILABLE:
    case ERR_BUSY:
    case ERR_TIMEOUT:
    case ERR_IO:
    case ERR_DISK_FULL:
    case ERR_TX_REPLAY:  /* the block that holds it may be on its way to us, */
    case ERR_TX_EXPIRED: /* and the ledger's own clock says when it is over */
        return true;
    case ERR_QUOTA: /* without a fault: our share of the node's pool is full */
        return letter->ticket->faults.count == 0 || letter->repeat == LETTER_MUST;
    case ERR_TX_SUSPENDED:
    case ERR_TX_KEY:
    case ERR_KEY_SUSPENDED:
        return letter->repeat == LETTER_MUST;
    default:
        return false;
    }
}

static void retry_later(struct letter *letter, int64_t now_ms)
{
    unsigned doublings = letter->tries < 6 ? letter->tries : 6;
    int64_t wait_ms = (int64_t)RETRY_MIN_MS << doublings;
    letter->tries++;
    letter->next_ms = now_ms + (wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS);
    ticket_free(&letter->ticket);
}

/* Not in the ledger, and its time is over by the ledger's own clock, or longer than allowed by now:
 * a fact is signed anew, and sent with the next try. */
static void letter_expired(struct courier *courier, struct letter *letter, int64_t now_ms)
{
    if (letter->repeat != LETTER_MUST) {
        letter_settle(courier, letter, ERR_TX_EXPIRED);
        return;
    }
    int error = letter_sign(courier, letter);
    error = error != 0 ? error : letter_store(courier, letter);
    if (error != 0) {
        log_write(LOG_ERROR, "exchange", "%s %s cannot be signed anew: %s", letter->type,
                  letter->name, error_code(error));
    }
    retry_later(letter, now_ms);
}

static void letter_answered(struct courier *courier, struct letter *letter, int64_t now_ms)
{
    int error = letter->ticket->error;
    if (error == 0 || may_pass(letter, error)) {
        retry_later(letter, now_ms);
    } else if (error == ERR_TX_LIFETIME && letter->repeat == LETTER_MUST) {
        letter_expired(courier, letter, now_ms); /* governance has shortened lifetimes */
    } else {
        letter_settle(courier, letter, error);
    }
}

static void letter_step(struct courier *courier, struct letter *letter,
                        const struct store_view *view, int64_t now_ms)
{
    struct store_tx_place place;
    int error = store_find_tx(&place, view, &letter->txid);
    if (error == 0) {
        letter_settle(courier, letter, 0);
        return;
    }
    if (error != ERR_NOT_FOUND) {
        letter->next_ms = now_ms + RETRY_MAX_MS;
        return;
    }
    if (view->height > 0 && view->tip.time_ms >= letter->expires_ms) {
        letter_expired(courier, letter, now_ms);
    } else if (letter->ticket == NULL) {
        letter_send(courier, letter, now_ms);
    } else if (atomic_load(&letter->ticket->done)) {
        letter_answered(courier, letter, now_ms);
    } else {
        letter->next_ms = now_ms + LOOK_AGAIN_MS;
    }
}

/* The next letter to look at; *wait_ms: until the first of the others is due. */
static struct letter *next_due(struct courier *courier, int64_t now_ms, int64_t *wait_ms)
{
    pthread_mutex_lock(&courier->lock);
    struct letter *letter = courier->letters.first;
    for (; letter != NULL; letter = letter->next) {
        bool answered = letter->ticket != NULL && atomic_load(&letter->ticket->done);
        if (!letter->settled && (answered || letter->next_ms <= now_ms)) {
            break;
        }
        if (!letter->settled && letter->next_ms - now_ms < *wait_ms) {
            *wait_ms = letter->next_ms - now_ms;
        }
    }
    pthread_mutex_unlock(&courier->lock);
    return letter; /* stays: only this thread settles */
}

int64_t courier_step(struct courier *courier)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t wait_ms = RETRY_MAX_MS;
    struct letter *letter;
    for (size_t i = 0; i < 2 * COURIER_LETTERS_MAX; i++) { /* sent, and answered at once */
        struct store_view view;
        wait_ms = RETRY_MAX_MS;
        letter = next_due(courier, now_ms, &wait_ms);
        if (letter == NULL) {
            break;
        }
        if (store_view_open(&view, courier->host->kv) != 0) {
            return RETRY_MIN_MS;
        }
        letter_step(courier, letter, &view, now_ms);
        store_view_close(&view);
    }
    return wait_ms;
}
