/* See script.h. */
#include "script_body.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void step_transaction(struct script *script, const char *unit, const char *rest)
{
    static const char *const roles[][2] = {{"首席", "chief"},   {"编制", "compile"},
                                           {"审核", "review"},  {"审批", "approve"},
                                           {"网关", "gateway"}, {"管理", "admin"}};
    char key[WORD_BYTES], type[WORD_BYTES], code[WORD_BYTES] = "", field[WORD_BYTES] = "";
    char template_word[WORD_BYTES] = "", as[WORD_BYTES] = "", kid[2 * WORD_BYTES], txid[65] = "";
    const struct name *member = script_name(script, unit);
    if (member == NULL || strcmp(member->word, unit) != 0) {
        script_wrong(script, "看不懂 not understood: %s", unit);
    }
    script_word(&rest, key);
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (strcmp(key, roles[i][0]) == 0) {
            (void)snprintf(key, sizeof key, "%s", roles[i][1]);
        }
    }
    bool refused = script_take(&rest, "不得");
    if (!refused) {
        script_need(script, &rest, "提交");
    }
    script_word(&rest, type);
    if (refused) {
        script_word(&rest, code);
        script_word(&rest, field);
        if (error_from_code(code) == 0) {
            script_wrong(script, "无此错误码 no such code: %s", code);
        }
    }
    if (script_take(&rest, "按")) {
        script_word(&rest, template_word);
    }
    if (script_take(&rest, "记为")) {
        script_word(&rest, as);
    }
    AUTO(doc_free) struct doc *body = script_body(script, template_word, rest);
    AUTO(buf_free) struct buf told = {0};
    struct faults faults = {0};
    (void)snprintf(kid, sizeof kid, "%s/%s", member->value, key);
    int error = play_submit(script->play, txid, &faults, kid, type, body);
    faults_append_text(&told, &faults);
    if (!refused) {
        if (error != 0) {
            script_wrong(script, "%s: %s\n%s", type, error_code(error), buf_text(&told));
        }
        script->result.transactions++;
        if (as[0] != 0) {
            script_define(script, as, txid);
        }
        return;
    }
    bool signer = strcmp(field, "—") == 0;
    bool found = signer && faults.count == 0 && strcmp(error_code(error), code) == 0;
    for (size_t i = 0; i < faults.count; i++) {
        found = found || (strcmp(error_code(faults.item[i].error), code) == 0 &&
                          strcmp(faults.item[i].field, signer ? "" : field) == 0);
    }
    if (error == 0 || !found) {
        script_wrong(script, "%s 应以 %s（%s）被拒 should have been refused, but: %s\n%s", type,
                     code, field, error == 0 ? "ok" : error_code(error), buf_text(&told));
    }
    script->result.refusals++;
}

static const struct doc *at_path(const struct doc *record, const char *path)
{
    char parts[WORD_BYTES];
    (void)snprintf(parts, sizeof parts, "%s", path);
    for (char *save = NULL, *part = strtok_r(parts, ".", &save); part != NULL && record != NULL;
         part = strtok_r(NULL, ".", &save)) {
        record = doc_kind(record) == DOC_ARRAY ? doc_at(record, strtoul(part, NULL, 10))
                                               : doc_get(record, part);
    }
    return record;
}

static void check_field(struct script *script, const char *key, const char *path,
                        const char *expected, const char *when)
{
    AUTO(doc_free) struct doc *record = play_record(script->play, key);
    AUTO(buf_free) struct buf found = {0};
    const struct doc *value = at_path(record, path);
    if (doc_kind(value) == DOC_TEXT) {
        buf_append_text(&found, doc_text(value));
    } else if (value != NULL) {
        doc_append_canonical(&found, value);
    } else {
        buf_append_text(&found, "无");
    }
    if (strcmp(buf_text(&found), expected) != 0) {
        script_wrong(script, "%s%s 的 %s 应为 %s，实为 is: %s", when, key, path, expected,
                     buf_text(&found));
    }
    script->result.checks++;
}

static void step_check(struct script *script, const char *rest)
{
    char word[WORD_BYTES], path[WORD_BYTES], expected[WORD_BYTES];
    AUTO(buf_free) struct buf key = {0}, value = {0};
    script_word(&rest, word);
    script_word(&rest, path);
    script_word(&rest, expected);
    script_resolve(script, &key, word);
    script_resolve(script, &value, expected);
    check_field(script, buf_text(&key), path, buf_text(&value), "");
}

/* How many of the newest acts are on this subject, by this clause, with this effect ("": any). */
static size_t count_acts(const struct script *script, const char *subject, const char *clause,
                         const char *effect)
{
    size_t count = 0;
    const struct doc *acts = play_acts(script->play);
    for (size_t i = 0; i < doc_count(acts); i++) {
        const struct doc *act = doc_at(acts, i);
        count += doc_text_is(act, "subject", subject) && doc_text_is(act, "clause", clause) &&
                 (effect[0] == 0 || doc_text_is(act, "effect", effect));
    }
    return count;
}

/* A millisecond before the end all is as it was; then the block at that instant. */
static void play_to_end(struct script *script, int64_t end_ms, const char *key, const char *clause,
                        const char *before, const char *effect)
{
    if (end_ms <= play_now_ms(script->play)) {
        script_wrong(script, "该时刻已过 that time is past");
    }
    play_until(script->play, end_ms - 1);
    if (count_acts(script, key, clause, effect) > 0 && effect[0] != 0) {
        script_wrong(script, "%s 早于届满 came before the end", effect);
    }
    if (before[0] != 0) {
        check_field(script, key, "status", before, "届满前一毫秒 ");
    }
    play_until(script->play, end_ms);
    script->ended_ms = end_ms;
}

/* A second act at the same instant is among those of the block that was just made. */
static void step_end(struct script *script, const char *rest)
{
    char word[WORD_BYTES], before[WORD_BYTES] = "", after[WORD_BYTES] = "";
    char effect[WORD_BYTES] = "", clause[WORD_BYTES];
    AUTO(buf_free) struct buf key = {0};
    int64_t end_ms = script_time(script, &rest);
    script_word(&rest, word);
    script_resolve(script, &key, word);
    if (script_take(&rest, "起")) {
        script_word(&rest, effect);
    } else {
        script_word(&rest, before);
        script_need(script, &rest, "变为");
        script_word(&rest, after);
    }
    script_need(script, &rest, "依据");
    rest += strspn(rest, " ");
    (void)snprintf(clause, sizeof clause, "%s", rest);
    clause[strcspn(clause, "\n")] = 0;
    bool also = end_ms == script->ended_ms && before[0] == 0;
    if (!also) {
        play_to_end(script, end_ms, buf_text(&key), clause, before, effect);
    }
    if (count_acts(script, buf_text(&key), clause, effect) == 0) {
        AUTO(buf_free) struct buf acts = {0};
        doc_append_canonical(&acts, play_acts(script->play));
        script_wrong(script, "届满时无 %s 的 %s 自动处置 no such act; acts: %.1000s",
                     buf_text(&key), clause, buf_text(&acts));
    }
    if (after[0] != 0) {
        check_field(script, buf_text(&key), "status", after, "届满时 ");
    }
    script->result.ends++;
}

static void step_unit(struct script *script, const char *rest)
{
    char word[WORD_BYTES], seat[WORD_BYTES];
    script_word(&rest, word);
    script_word(&rest, seat);
    if (play_seat(seat) == NULL) {
        script_wrong(script, "席位应为 中心、甲、乙、丙、主管、新 之一 no such seat: %s", seat);
    }
    script_define(script, word, play_seat(seat));
}

static void step_time(struct script *script, const char *verb, const char *rest)
{
    if (strcmp(verb, "政策") == 0) {
        script_word(&rest, script->profile);
        return;
    }
    int64_t time_ms = script_time(script, &rest);
    if (strcmp(verb, "开始") == 0) {
        if (script->profile[0] == 0 || script->play != NULL) {
            script_wrong(script,
                         "先写“政策”，且只开始一次 the profile comes first, and one beginning");
        }
        script->play = play_open(script->profile, time_ms);
        return;
    }
    if (script->play == NULL || time_ms <= play_now_ms(script->play)) {
        script_wrong(script, "时间不能倒流 time goes forward");
    }
    (strcmp(verb, "于") == 0 ? play_until : play_standstill)(script->play, time_ms);
}

static void step(struct script *script, const char *text)
{
    static const char *const times[] = {"政策", "开始", "于", "停摆至"};
    char verb[WORD_BYTES];
    script_word(&text, verb);
    if (script->loud) {
        print_message("%s:%u %s%.120s\n", script->path, script->line, verb, text);
    }
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        if (strcmp(verb, times[i]) == 0) {
            step_time(script, verb, text);
            return;
        }
    }
    if (strcmp(verb, "单位") == 0) {
        step_unit(script, text);
    } else if (strcmp(verb, "模板") == 0) {
        script_template(script, text);
    } else if (script->play == NULL) {
        script_wrong(script, "先写“开始” the beginning comes first");
    } else if (strcmp(verb, "应为") == 0) {
        step_check(script, text);
    } else if (strcmp(verb, "届满") == 0) {
        step_end(script, text);
    } else {
        step_transaction(script, verb, text);
    }
}

/* A step is a line with those after it that begin with a space. */
static void steps(struct script *script, char *text)
{
    for (unsigned line = 1; *text != 0;) {
        char *end = text;
        unsigned lines = 0;
        do {
            end += strcspn(end, "\n");
            end += *end == '\n';
            lines++;
        } while (*end == ' ');
        char kept = *end;
        *end = 0;
        script->line = line;
        if (*text != '#' && text[strspn(text, " \n")] != 0) {
            step(script, text);
        }
        *end = kept;
        text = end;
        line += lines;
    }
}

void script_play(const char *path, int loud, struct script_result *result)
{
    struct script *script = memory_alloc(sizeof *script);
    AUTO(buf_free) struct buf text = {0};
    *script = (struct script){.path = path, .loud = loud};
    if (file_read(&text, path, SCRIPT_BYTES_MAX) != 0) {
        script_wrong(script, "读不到 cannot be read");
    }
    steps(script, (char *)buf_text(&text));
    if (script->play == NULL || script->result.ends == 0) {
        script_wrong(script, "未检验任何期限 no term was looked at");
    }
    script->result.height = play_height(script->play);
    *result = script->result;
    play_close(&script->play);
    for (size_t i = 0; i < script->template_count; i++) {
        doc_free(&script->templates[i].body);
    }
    memory_free(script);
}
