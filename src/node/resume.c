/* From a file in the home to a hold that is lifted and a record on the ledger. */
#include "node/resume.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/rules/tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct resume {
    const struct node_parts *parts;
    struct engine *engine;
    struct intake *intake;
    struct buf directory, path, lifted_path, refused_path;
    struct hash lifted; /* the last that lifted a hold; it does so once */
    struct resume_status status;
};

struct resume *resume_open(const struct node_parts *parts, struct engine *engine,
                           struct intake *intake, const char *data_directory)
{
    struct resume *resume = memory_alloc(sizeof *resume);
    resume->parts = parts;
    resume->engine = engine;
    resume->intake = intake;
    buf_append_format(&resume->directory, "%s", data_directory);
    buf_append_format(&resume->path, "%s/%s", data_directory, RESUME_FILE);
    buf_append_format(&resume->lifted_path, "%s/%s", data_directory, RESUME_LIFTED_FILE);
    buf_append_format(&resume->refused_path, "%s/%s", data_directory, RESUME_REFUSED_FILE);
    return resume;
}

void resume_free(struct resume **resume)
{
    if (*resume != NULL) {
        buf_free(&(*resume)->directory);
        buf_free(&(*resume)->path);
        buf_free(&(*resume)->lifted_path);
        buf_free(&(*resume)->refused_path);
        memory_free(*resume);
        *resume = NULL;
    }
}

struct resume_status resume_status(const struct resume *resume)
{
    return resume->status;
}

/* ---- judging ---- */

static int read_transaction(struct tx **out, const struct resume *resume, struct buf *path)
{
    AUTO(buf_free) struct buf raw = {0};
    int error = file_read(&raw, buf_text(path), TX_BYTES_MAX);
    while (raw.len > 0 && strchr(" \r\n\t", raw.data[raw.len - 1]) != NULL) {
        raw.len--;
    }
    if (error == 0) {
        error = tx_parse(out, NULL, view_of_buf(&raw), app_genesis_hash(resume->parts->app));
    }
    return error;
}

/* By this ledger, and by this clock: on a chain that has stood for long the ledger's own idea of
 * the time would call every expiry too distant. One that the ledger has was judged there. */
static int judge(bool *committed, const struct resume *resume, struct tx *tx)
{
    const struct node_parts *parts = resume->parts;
    struct public_key key;
    if (tx->type != &type_validator_resume) {
        return ERR_TX_TYPE;
    }
    if (strcmp(tx->member, parts->member) != 0) {
        return ERR_KEY_MEMBER;
    }
    int error = app_signer_key(&key, parts->app, tx->member, tx->key_name);
    error = error != 0 ? error : tx_verify(tx, &key);
    error = error != 0 ? error : app_check(parts->app, NULL, tx, true);
    int64_t now_ms = node_clock_now_ms(parts->clock);
    *committed = error == ERR_TX_REPLAY;
    if (error != 0 && error != ERR_TX_LIFETIME && !*committed) {
        return error;
    }
    if (tx->expires_ms <= now_ms) {
        return ERR_TX_EXPIRED;
    }
    const struct chain_params *params = app_params(parts->app);
    bool early = tx->expires_ms > now_ms + params->tx_lifetime_ms + params->precision_ms;
    return early ? ERR_TX_LIFETIME : 0;
}

/* ---- acting ---- */

static void ignore(void *argument, int error, const struct faults *faults, uint64_t height)
{
    (void)argument;
    (void)error; /* it is tried again */
    (void)faults;
    (void)height;
}

static void tell(struct resume *resume, enum resume_state state, const struct hash *txid, int error)
{
    static const char *const words[] = {
        [RESUME_WAITING] = "waits for the roll call or the ledger",
        [RESUME_REFUSED] = "is refused",
        [RESUME_LIFTED] = "is in force and goes to the ledger",
        [RESUME_COMMITTED] = "is on the ledger",
    };
    const struct resume_status now = {.state = state, .txid = *txid, .error = error};
    const struct resume_status *last = &resume->status;
    if (now.state == last->state && now.error == last->error && hash_equal(txid, &last->txid)) {
        return;
    }
    char hex[2 * HASH_BYTES + 1];
    hash_to_hex(hex, txid);
    log_write(state == RESUME_REFUSED ? LOG_ERROR : LOG_WARN, "resume", "%s: %s %s%s%s",
              buf_text(&resume->path), hash_is_zero(txid) ? "what is in it" : hex, words[state],
              error != 0 ? ": " : "", error != 0 ? error_english(error) : "");
    resume->status = now;
}

static void submit(struct resume *resume, struct tx *tx)
{
    if (mempool_find(resume->parts->mempool, &tx->id) == NULL) {
        intake_submit(resume->intake, tx_ref(tx), false, ignore, NULL);
    }
}

/* Durably under another name: what may lift a hold lies there once. */
static int move(struct resume *resume, struct buf *from, struct buf *to)
{
    if (rename(buf_text(from), buf_text(to)) != 0) {
        return file_error(errno);
    }
    return file_sync_directory(buf_text(&resume->directory));
}

static void refuse(struct resume *resume, struct buf *path, const struct hash *txid, int error)
{
    int moved = move(resume, path, &resume->refused_path);
    tell(resume, RESUME_REFUSED, txid, moved != 0 ? moved : error);
}

/* 0: it lifts the hold in force. ERR_UNAVAILABLE: not yet. */
static int match_hold(const struct resume *resume, const struct tx *tx)
{
    int error = engine_may_resume(resume->engine, (uint64_t)doc_get_int(tx->body, "height", 0),
                                  (uint64_t)doc_get_int(tx->body, "held_until", 0));
    bool again = error == 0 && hash_equal(&tx->id, &resume->lifted);
    return again ? ERR_HOLD_OTHER : error;
}

static void lift(struct resume *resume, struct tx *tx)
{
    int error = move(resume, &resume->path, &resume->lifted_path);
    if (error != 0) {
        tell(resume, RESUME_REFUSED, &tx->id, error);
        return;
    }
    resume->lifted = tx->id;
    error = engine_resume(resume->engine); /* stops the node */
    if (error == 0) {
        tell(resume, RESUME_LIFTED, &tx->id, 0);
    }
}

static void act_on(struct resume *resume, struct tx *tx)
{
    bool committed = false;
    int error = judge(&committed, resume, tx);
    error = error != 0 ? error : match_hold(resume, tx);
    if (error == 0) {
        lift(resume, tx);
    } else if (error == ERR_UNAVAILABLE) {
        tell(resume, RESUME_WAITING, &tx->id, 0);
    } else {
        refuse(resume, &resume->path, &tx->id, error);
    }
}

/* What has lifted a hold goes to the ledger, and lifts no other on the way. A refusal of another
 * transaction stays to be read. */
static void put_on_record(struct resume *resume, struct tx *tx)
{
    bool committed = false, other_refused = resume->status.state == RESUME_REFUSED &&
                                            !hash_equal(&tx->id, &resume->status.txid);
    int error = judge(&committed, resume, tx);
    resume->lifted = tx->id;
    if (error != 0 && !committed) {
        refuse(resume, &resume->lifted_path, &tx->id, error);
        return;
    }
    if (committed) {
        (void)unlink(buf_text(&resume->lifted_path)); /* were it still there, this comes again */
    } else {
        submit(resume, tx);
    }
    bool held = match_hold(resume, tx) != ERR_STATUS;
    if (held) {
        tell(resume, RESUME_REFUSED, &tx->id, ERR_HOLD_OTHER);
    } else if (!other_refused) {
        tell(resume, committed ? RESUME_COMMITTED : RESUME_LIFTED, &tx->id, 0);
    }
}

/* ---- the two files ---- */

static void take(struct resume *resume, struct buf *path, void (*act)(struct resume *, struct tx *))
{
    AUTO(tx_free) struct tx *tx = NULL;
    int error = read_transaction(&tx, resume, path);
    if (error == 0) {
        act(resume, tx);
    } else if (error != ERR_NOT_FOUND) {
        tell(resume, RESUME_REFUSED, &(struct hash){{0}}, error);
    }
}

void resume_tick(struct resume *resume)
{
    take(resume, &resume->lifted_path, put_on_record);
    struct hash before = resume->lifted;
    take(resume, &resume->path, act_on);
    if (!hash_equal(&before, &resume->lifted)) {
        take(resume, &resume->lifted_path, put_on_record);
    }
}
