/* From a file in the home to a hold that is lifted and a record on the ledger. */
#include "node/resume.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/rules/tables.h"

#include <string.h>
#include <unistd.h>

struct resume {
    const struct node_parts *parts;
    struct engine *engine;
    struct intake *intake;
    struct buf path;
    struct resume_status status;
};

struct resume *resume_open(const struct node_parts *parts, struct engine *engine,
                           struct intake *intake, const char *data_directory)
{
    struct resume *resume = memory_alloc(sizeof *resume);
    resume->parts = parts;
    resume->engine = engine;
    resume->intake = intake;
    buf_append_format(&resume->path, "%s/%s", data_directory, RESUME_FILE);
    return resume;
}

void resume_free(struct resume **resume)
{
    if (*resume != NULL) {
        buf_free(&(*resume)->path);
        memory_free(*resume);
        *resume = NULL;
    }
}

struct resume_status resume_status(const struct resume *resume)
{
    return resume->status;
}

/* ---- judging ---- */

static int read_transaction(struct tx **out, struct resume *resume)
{
    AUTO(buf_free) struct buf raw = {0};
    int error = file_read(&raw, buf_text(&resume->path), TX_BYTES_MAX);
    while (raw.len > 0 && strchr(" \r\n\t", raw.data[raw.len - 1]) != NULL) {
        raw.len--;
    }
    if (error == 0) {
        error = tx_parse(out, NULL, view_of_buf(&raw), app_genesis_hash(resume->parts->app));
    }
    return error;
}

/* By this ledger, and by this clock: on a chain that has stood for long the ledger's own idea of
 * the time would call every expiry too distant. */
static int judge(const struct resume *resume, struct tx *tx)
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
    if (error != 0 && error != ERR_TX_LIFETIME) {
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
              buf_text(&resume->path), hex, words[state], error != 0 ? ": " : "",
              error != 0 ? error_english(error) : "");
    resume->status = now;
}

static void submit(struct resume *resume, struct tx *tx)
{
    if (mempool_find(resume->parts->mempool, &tx->id) == NULL) {
        intake_submit(resume->intake, tx_ref(tx), false, ignore, NULL);
    }
}

static void act_on(struct resume *resume, struct tx *tx)
{
    int error = judge(resume, tx);
    if (error == ERR_TX_REPLAY) {
        (void)unlink(buf_text(&resume->path)); /* were it still there, this comes again */
        tell(resume, RESUME_COMMITTED, &tx->id, 0);
        return;
    }
    if (error == 0) {
        error = engine_resume(resume->engine, (uint64_t)doc_get_int(tx->body, "height", 0),
                              (uint64_t)doc_get_int(tx->body, "held_until", 0));
    }
    if (error == ERR_UNAVAILABLE) {
        tell(resume, RESUME_WAITING, &tx->id, 0);
    } else if (error == 0 || error == ERR_STATUS) { /* lifted now, or before a restart */
        submit(resume, tx);
        tell(resume, RESUME_LIFTED, &tx->id, 0);
    } else {
        tell(resume, RESUME_REFUSED, &tx->id, error);
    }
}

void resume_tick(struct resume *resume)
{
    AUTO(tx_free) struct tx *tx = NULL;
    int error = read_transaction(&tx, resume);
    if (error == 0) {
        act_on(resume, tx);
    } else if (error != ERR_NOT_FOUND) {
        tell(resume, RESUME_REFUSED, &(struct hash){{0}}, error);
    }
}
