/* dirchain audit replay: one block of a pack decided again, offline: every block from genesis on is
 * executed, its roots compared, and at the one asked for the ledger of that moment is read: the
 * profile and the calendars then in force, and what became of the records that its acts and
 * transactions are about. What was published later is not there yet, so it changes no answer. What
 * began under an earlier profile goes on by that one: the records say which ("profile_ms"). */
#include "node/cli/cli_replay.h"

#include "api/index_touch.h"
#include "api/matter_kinds.h"
#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/pack.h"
#include "chain/rules/records.h"
#include "chain/schema.h"
#include "chain/store.h"
#include "exchange/words.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_trust.h"
#include "node/cli/cli_view.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define CALENDAR_PREFIX "calendar/"

struct replay {
    uint64_t height; /* 0: that of the transaction */
    struct hash txid;
    bool by_tx, found;
    int error; /* of reading the ledger */
    struct doc *acts, *transactions; /* of the block at hand */
    struct doc *result;              /* of the one asked for */
    struct cli_progress progress;
};

static void replay_free(struct replay *replay)
{
    doc_free(&replay->acts);
    doc_free(&replay->transactions);
    doc_free(&replay->result);
}

/* ---- what is seen on the way ---- */

static void on_act(void *context, const struct header *header, const struct doc *act)
{
    struct replay *replay = context;
    (void)header;
    doc_push(replay->acts, doc_ref(act));
}

static int note_subject(void *context, const char *subject)
{
    if (!doc_has_text(context, subject)) {
        doc_push_text(context, subject);
    }
    return 0;
}

static void on_transaction(void *context, const struct header *header, const struct tx *tx)
{
    struct replay *replay = context;
    if (replay->by_tx && hash_equal(&tx->id, &replay->txid)) {
        replay->height = header->height;
    }
    struct doc *line = doc_new_object(), *subjects = doc_new_array();
    (void)touched_by(tx, note_subject, subjects);
    doc_set(line, "subjects", subjects);
    doc_set(line, "body", doc_ref(tx->body));
    doc_set_text(line, "key", tx->key_name);
    doc_set_text(line, "member", tx->member);
    doc_set_hash(line, "txid", &tx->id);
    doc_set_text(line, "type", tx->type->name);
    doc_push(replay->transactions, line);
}

static int read_calendars(struct doc *out, const struct store_view *view)
{
    AUTO(state_cursor_free)
    struct state_cursor *cursor =
        state_cursor_open(view->kv, view->snapshot, CALENDAR_PREFIX, NULL);
    const char *key;
    struct view value;
    int error = 0;
    while (error == 0 && state_cursor_next(cursor, &key, &value)) {
        AUTO(doc_free) struct doc *calendar = NULL;
        error = doc_parse(&calendar, value, STATE_VALUE_BYTES_MAX);
        struct doc *item = doc_new_object();
        doc_set_int(item, "year", doc_get_int(calendar, "year", 0));
        if (doc_get(calendar, "version") != NULL) {
            doc_set(item, "version", doc_ref(doc_get(calendar, "version")));
        }
        doc_push(out, item);
    }
    return error != 0 ? error : state_cursor_error(cursor);
}

static int read_into(struct doc *out, const struct store_view *view, const char *key)
{
    struct doc *record = NULL;
    int error = doc_get(out, key) != NULL ? ERR_NOT_FOUND : store_read_state(&record, view, key);
    if (error == 0) {
        doc_set(out, key, record);
    }
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* The records that the acts and transactions of the block are about, as it left them. */
static int read_subjects(struct doc *out, const struct store_view *view, const struct doc *acts,
                         const struct doc *transactions)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < doc_count(acts); i++) {
        error = read_into(out, view, doc_get_text(doc_at(acts, i), "subject"));
    }
    for (size_t i = 0; error == 0 && i < doc_count(transactions); i++) {
        const struct doc *subjects = doc_get(doc_at(transactions, i), "subjects");
        for (size_t k = 0; error == 0 && k < doc_count(subjects); k++) {
            error = read_into(out, view, doc_text(doc_at(subjects, k)));
        }
    }
    return error;
}

static void profile_key(char out[RECORD_KEY_BYTES], int64_t from_ms)
{
    record_key(out, "profile/%016" PRIx64, record_instant(from_ms));
}

/* The profiles that these records name, by their state keys. */
static int read_profiles(struct doc *out, const struct store_view *view, const struct doc *records)
{
    char key[RECORD_KEY_BYTES];
    size_t cursor = 0;
    const char *name;
    const struct doc *record;
    int error = 0;
    while (error == 0 && doc_next(records, &cursor, &name, &record)) {
        if (doc_kind(doc_get(record, "profile_ms")) == DOC_INT) {
            profile_key(key, doc_get_int(record, "profile_ms", 0));
            error = read_into(out, view, key);
        }
    }
    return error;
}

static int read_moment(struct replay *replay, const struct header *header, struct kv *kv)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct doc *profile = NULL, *calendars = doc_new_array(), *records = doc_new_object();
    struct doc *profiles = doc_new_object();
    replay->result = doc_new_object();
    doc_set(replay->result, "acts", doc_ref(replay->acts));
    doc_set(replay->result, "calendars", calendars);
    doc_set_int(replay->result, "height", (int64_t)header->height);
    doc_set(replay->result, "profiles", profiles);
    doc_set(replay->result, "records", records);
    doc_set_hash(replay->result, "state_root", &header->state_root);
    doc_set_int(replay->result, "time_ms", header->time_ms);
    doc_set(replay->result, "transactions", doc_ref(replay->transactions));
    int error = store_view_open(&view, kv);
    error = error != 0 ? error : store_read_state(&profile, &view, "profile");
    if (error == 0) {
        doc_set(replay->result, "profile", profile);
    }
    error = error != 0 ? error : read_calendars(calendars, &view);
    error = error != 0 ? error : read_subjects(records, &view, replay->acts, replay->transactions);
    return error != 0 ? error : read_profiles(profiles, &view, records);
}

static void on_executed(void *context, const struct header *header, struct kv *kv)
{
    struct replay *replay = context;
    if (replay->height == header->height && !replay->found) {
        replay->found = true;
        replay->error = read_moment(replay, header, kv);
    }
    doc_free(&replay->acts);
    doc_free(&replay->transactions);
    replay->acts = doc_new_array();
    replay->transactions = doc_new_array();
}

static void on_progress(void *context, uint64_t done, uint64_t of)
{
    struct replay *replay = context;
    replay->progress.total = of;
    cli_progress_step(&replay->progress, done);
}

/* ---- telling ---- */

static void append_worded(struct buf *out, const char *label, const char *member, const char *word)
{
    const char *chinese = word == NULL ? NULL : word_chinese(member, word);
    if (word != NULL) {
        buf_append_format(out, "，%s %s%s%s", label, chinese == NULL ? "" : chinese,
                          chinese == NULL ? "" : " ", word);
    }
}

/* A matter's status has a meaning of its own in its kind. */
static void append_status(struct buf *out, const char *subject, const struct doc *record)
{
    const char *status = doc_get_text(record, "status");
    const struct matter_kind *kind = matter_kind_of(subject);
    if (kind == NULL || status == NULL) {
        append_worded(out, "状态", "status", status);
        return;
    }
    buf_append_text(out, "，状态 ");
    matter_append_status(out, kind, status);
    buf_append_format(out, " %s", status);
}

static void append_terms(struct buf *out, const struct doc *terms)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *term;
    while (terms != NULL && doc_next(terms, &cursor, &name, &term)) {
        buf_append_text(out, "，期限 ");
        cli_view_append_term(out, name, term);
    }
}

/* What the record was decided by, where that is another profile than the block's. */
static void append_profile(struct buf *out, const struct doc *result, const struct doc *record)
{
    char key[RECORD_KEY_BYTES], since[CIVIL_TIME_CHARS];
    int64_t from_ms = doc_get_int(record, "profile_ms", 0);
    if (doc_get(record, "profile_ms") == NULL ||
        from_ms == doc_get_int(doc_get(result, "profile"), "since_ms", 0)) {
        return;
    }
    profile_key(key, from_ms);
    const struct doc *profile = doc_get(doc_get(doc_get(result, "profiles"), key), "profile");
    const char *name = doc_get_text(profile, "name"), *source = doc_get_text(profile, "source");
    civil_format_time(since, from_ms);
    buf_append_format(out, "，所据政策 decided under %s %s，自 since %s", name == NULL ? "?" : name,
                      source == NULL ? "" : source, since);
}

/* What became of a record: number, status, route, what is due. */
static void append_record(struct buf *words, const struct doc *result, const char *subject,
                          size_t columns)
{
    AUTO(buf_free) struct buf line = {0};
    const struct doc *record = doc_get(doc_get(result, "records"), subject);
    const char *number = doc_get_text(record, "number");
    if (record == NULL) {
        return;
    }
    buf_append_format(&line, "  → %s", subject);
    if (number != NULL) {
        buf_append_format(&line, "，编号 %s", number);
    }
    append_status(&line, subject, record);
    append_worded(&line, "方式 route", "route", doc_get_text(record, "route"));
    append_terms(&line, doc_get(record, "terms"));
    append_profile(&line, result, record);
    cli_text_wrap(words, buf_text(&line), 0, 4, columns);
    buf_append_text(words, "\n");
}

static void append_act(struct buf *words, const struct doc *result, const struct doc *act,
                       size_t columns)
{
    const char *clause = doc_get_text(act, "clause"), *effect = doc_get_text(act, "effect");
    const char *chinese = word_chinese("effect", effect);
    cli_line_append(words, columns, 2, "自动办理 act: %s%s%s %s（%s）",
                    chinese == NULL ? "" : chinese, chinese == NULL ? "" : " ", effect,
                    doc_get_text(act, "subject"), clause != NULL ? clause : "");
    append_record(words, result, doc_get_text(act, "subject"), columns);
}

static void append_transaction(struct buf *words, const struct doc *result, const struct doc *tx,
                               size_t columns)
{
    const char *decision = doc_get_text(doc_get(tx, "body"), "decision");
    const char *chinese = decision == NULL ? NULL : word_chinese("decision", decision);
    const struct doc *subjects = doc_get(tx, "subjects");
    const struct tx_type *type = schema_find(doc_get_text(tx, "type"));
    cli_line_append(words, columns, 2, "交易 transaction: %s %s%s%s%s%s %s/%s %s", type->chinese,
                    type->name, decision != NULL ? " " : "", chinese != NULL ? chinese : "",
                    chinese != NULL ? " " : "", decision != NULL ? decision : "",
                    doc_get_text(tx, "member"), doc_get_text(tx, "key"), doc_get_text(tx, "txid"));
    for (size_t i = 0; i < doc_count(subjects); i++) {
        append_record(words, result, doc_text(doc_at(subjects, i)), columns);
    }
}

static void append_decisions(struct buf *words, const struct doc *result, size_t columns)
{
    const struct doc *acts = doc_get(result, "acts"), *txs = doc_get(result, "transactions");
    for (size_t i = 0; i < doc_count(acts); i++) {
        append_act(words, result, doc_at(acts, i), columns);
    }
    for (size_t i = 0; i < doc_count(txs); i++) {
        append_transaction(words, result, doc_at(txs, i), columns);
    }
    if (doc_count(acts) + doc_count(txs) == 0) {
        buf_append_text(words, "该区块未作决定 Nothing was decided in this block.\n");
    }
}

static int tell(struct cli *cli, const struct doc *result)
{
    AUTO(buf_free) struct buf words = {0};
    char time[CIVIL_TIME_CHARS], since[CIVIL_TIME_CHARS];
    const struct doc *record = doc_get(result, "profile"), *profile = doc_get(record, "profile");
    const struct doc *calendars = doc_get(result, "calendars");
    civil_format_time(time, doc_get_int(result, "time_ms", 0));
    civil_format_time(since, doc_get_int(record, "since_ms", 0));
    buf_append_format(&words, "区块 block %" PRId64 "，%s\n", doc_get_int(result, "height", 0),
                      time);
    append_decisions(&words, result, cli->columns);
    cli_line_append(&words, cli->columns, 2, "当时施行的政策 Profile then in force: %s %s",
                    doc_get_text(profile, "name"), doc_get_text(profile, "source"));
    cli_line_append(&words, cli->columns, 2, "自 since %s，版本 version %s", since,
                    doc_get_text(record, "version"));
    buf_append_text(&words, "当时已发布的日历 Calendars then published:");
    for (size_t i = 0; i < doc_count(calendars); i++) {
        buf_append_format(&words, " %d", (int)doc_get_int(doc_at(calendars, i), "year", 0));
    }
    buf_append_text(&words, "\n");
    cli_line_append(&words, cli->columns, 2,
                    "逐块重新执行，结果与状态根均一致 Executed again from genesis: results and "
                    "state root agree, %s",
                    doc_get_text(result, "state_root"));
    return cli_result(cli, result, &words);
}

/* ---- the command ---- */

static int read_target(struct cli *cli, struct replay *replay)
{
    const char *tx = cli_options_text(&cli->options, "tx");
    int64_t height = cli_options_int(&cli->options, "height", 0);
    bool by_height = cli_options_count(&cli->options, "height") > 0;
    if ((tx != NULL) == by_height) {
        return cli_usage(cli, "请给出 --height 或 --tx 之一 Give one of --height and --tx.");
    }
    if (by_height && height < 1) {
        return cli_usage(cli, "--height: 1 …");
    }
    replay->by_tx = tx != NULL;
    replay->height = by_height ? (uint64_t)height : 0;
    return tx == NULL || hash_from_hex(&replay->txid, tx) == 0
               ? 0
               : cli_usage(cli, "--tx %s: 应为 64 位十六进制 takes 64 hexadecimal digits.", tx);
}

static int replay_file(struct cli *cli, struct replay *replay, const struct pack_trust *trust,
                       FILE *file, const char *path)
{
    struct faults faults = {0};
    struct pack_facts facts;
    const struct pack_visitor visitor = {.transaction = on_transaction,
                                         .act = on_act,
                                         .executed = on_executed,
                                         .progress = on_progress,
                                         .context = replay};
    replay->acts = doc_new_array();
    replay->transactions = doc_new_array();
    replay->progress = cli_progress_start("重新执行 Executing again", 1, cli->json);
    int error = pack_verify(&facts, &faults, file, trust, &visitor);
    cli_progress_end(&replay->progress);
    if (error != 0 && faults.count == 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    if (error != 0) {
        (void)cli_refuse(cli, &faults, "%s: 重新执行与记录不符 It does not come out the same.",
                         path);
        return CLI_REFUSED;
    }
    if (!facts.executed) {
        return cli_fail(cli, ERR_PACK, "%s: 须为自创世起的完整账本 Not a range from block 1:", path);
    }
    if (!replay->found) {
        return cli_fail(cli, ERR_SUBJECT, "%s: 1 … %" PRIu64 ":", path, facts.to);
    }
    return replay->error == 0 ? 0 : cli_fail(cli, replay->error, "%s:", path);
}

int cli_replay_run(struct cli *cli)
{
    AUTO(replay_free) struct replay replay = {0};
    AUTO(doc_free) struct doc *genesis = NULL;
    struct pack_trust trust = {.genesis = NULL};
    const char *path = cli->options.arguments[0];
    int status = read_target(cli, &replay);
    status = status != 0 ? status : cli_trust_genesis(cli, &trust, &genesis);
    if (status != 0) {
        return status;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return cli_fail(cli, file_error(errno), "%s:", path);
    }
    status = replay_file(cli, &replay, &trust, file, path);
    (void)fclose(file);
    return status != 0 ? status : tell(cli, replay.result);
}

const struct cli_option cli_replay_options[] = {
    CLI_OPTION_GENESIS,
    {"height", CLI_INT, false, "N", "The block.", "区块高度。", NULL},
    {"tx", CLI_TEXT, false, "TXID", "Or the block of this transaction.", "或该交易所在区块。",
     NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
