/* See script.h. */
#include "script.h"

#include "play.h"

#include "check.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 200
#define TEMPLATES_MAX 32
#define WORD_BYTES 400
#define SCRIPT_BYTES_MAX (1 << 20)

struct name {
    char word[64], value[65];
};

struct template
{
    char word[64];
    struct doc *body;
};

struct script {
    const char *path;
    unsigned line; /* of the step */
    int loud;
    char profile[WORD_BYTES];
    struct play *play;
    struct name names[NAMES_MAX];
    size_t name_count;
    struct template templates[TEMPLATES_MAX];
    size_t template_count;
    struct script_result result;
};

static void wrong(const struct script *script, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
static void wrong(const struct script *script, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fail_msg("%s:%u: %s", script->path, script->line, text);
    abort(); /* fail_msg does not come back */
}

/* ---- words ---- */

/* The next word of the step; "" at its end. */
static void next_word(const char **rest, char out[WORD_BYTES])
{
    *rest += strspn(*rest, " \n");
    size_t len = strcspn(*rest, " \n");
    len = len < WORD_BYTES ? len : WORD_BYTES - 1;
    memcpy(out, *rest, len);
    out[len] = 0;
    *rest += len;
}

/* Whether the next word is this one; then it is taken. */
static bool take_word(const char **rest, const char *word)
{
    const char *at = *rest;
    char next[WORD_BYTES];
    next_word(&at, next);
    if (strcmp(next, word) != 0) {
        return false;
    }
    *rest = at;
    return true;
}

static void need_word(const struct script *script, const char **rest, const char *word)
{
    if (!take_word(rest, word)) {
        wrong(script, "此处应为“%s” expected here, not “%.30s”", word, *rest);
    }
}

static int64_t need_time(const struct script *script, const char **rest)
{
    char date[WORD_BYTES], clock[WORD_BYTES], text[2 * WORD_BYTES + 16];
    int64_t day, time_ms = 0;
    next_word(rest, date);
    next_word(rest, clock);
    if (strcmp(clock, "24:00") == 0) {
        if (civil_parse_date(&day, date) != 0) {
            wrong(script, "不是日期 no date: %s", date);
        }
        return civil_day_start(day + 1);
    }
    (void)snprintf(text, sizeof text, "%sT%s:00+08:00", date, clock);
    if (civil_parse_time(&time_ms, text) != 0) {
        wrong(script, "不是时间 no time: %s %s", date, clock);
    }
    return time_ms;
}

/* ---- names ---- */

static void define(struct script *script, const char *word, const char *value)
{
    for (size_t i = 0; i < script->name_count; i++) {
        if (strcmp(script->names[i].word, word) == 0) {
            wrong(script, "名称重复 named twice: %s", word);
        }
    }
    if (script->name_count == NAMES_MAX || strlen(word) >= sizeof script->names[0].word) {
        wrong(script, "名称过多或过长 too many names, or too long: %s", word);
    }
    struct name *name = &script->names[script->name_count++];
    (void)snprintf(name->word, sizeof name->word, "%s", word);
    (void)snprintf(name->value, sizeof name->value, "%s", value);
}

/* The name that the text begins with, the longest there is; NULL. */
static const struct name *name_at(const struct script *script, const char *text)
{
    const struct name *found = NULL;
    for (size_t i = 0; i < script->name_count; i++) {
        size_t len = strlen(script->names[i].word);
        if (strncmp(text, script->names[i].word, len) == 0 &&
            (found == NULL || len > strlen(found->word))) {
            found = &script->names[i];
        }
    }
    return found;
}

/* Replaces each $NAME. */
static void resolve(const struct script *script, struct buf *out, const char *text)
{
    while (*text != 0) {
        size_t len = strcspn(text, "$");
        buf_append(out, text, len);
        text += len;
        if (*text == '$') {
            const struct name *name = name_at(script, text + 1);
            if (name == NULL) {
                wrong(script, "未定义的名称 no such name: %.40s", text);
            }
            buf_append_text(out, name->value);
            text += 1 + strlen(name->word);
        }
    }
}

/* ---- bodies ---- */

static struct doc *parse_body(const struct script *script, const char *text)
{
    AUTO(buf_free) struct buf quoted = {0};
    struct doc *body = NULL;
    resolve(script, &quoted, text);
    char *at = (char *)quoted.data;
    for (size_t i = 0; i < quoted.len; i++) {
        at[i] = at[i] == '\'' ? '"' : at[i];
    }
    if (doc_parse(&body, view_of_buf(&quoted), SCRIPT_BYTES_MAX) != 0 ||
        doc_kind(body) != DOC_OBJECT) {
        wrong(script, "不是 JSON 对象 no JSON object: %.200s", buf_text(&quoted));
    }
    return body;
}

/* Members of `more` replace those of the body; null takes one away. */
static void merge(struct doc *body, const struct doc *more)
{
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (doc_next(more, &cursor, &key, &value)) {
        if (doc_kind(value) == DOC_NULL) {
            doc_remove(body, key);
        } else {
            doc_set(body, key, doc_ref(value));
        }
    }
}

static const struct doc *template_of(const struct script *script, const char *word)
{
    for (size_t i = 0; i < script->template_count; i++) {
        if (strcmp(script->templates[i].word, word) == 0) {
            return script->templates[i].body;
        }
    }
    wrong(script, "无此模板 no such template: %s", word);
}

/* "版本 KEY", "单号 KEY" and "模板 NAME" at the top of the body. */
static void look_up(const struct script *script, struct doc *body)
{
    static const struct {
        const char *word, *field;
    } looks[] = {{"版本 ", "version"}, {"单号 ", "number"}};
    AUTO(doc_free) struct doc *before = doc_copy(body);
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (doc_next(before, &cursor, &key, &value)) {
        const char *text = doc_text(value);
        if (text != NULL && strncmp(text, "模板 ", strlen("模板 ")) == 0) {
            doc_set(body, key, doc_ref(template_of(script, text + strlen("模板 "))));
            continue;
        }
        for (size_t i = 0; text != NULL && i < COUNT_OF(looks); i++) {
            size_t len = strlen(looks[i].word);
            if (strncmp(text, looks[i].word, len) != 0) {
                continue;
            }
            AUTO(doc_free) struct doc *record = play_record(script->play, text + len);
            const char *found = doc_get_text(record, looks[i].field);
            if (found == NULL) {
                wrong(script, "无此记录 no such record: %s", text + len);
            }
            doc_set_text(body, key, found);
        }
    }
}

/* The body of a step: the template, and what the step says itself. */
static struct doc *body_of(const struct script *script, const char *template_word, const char *text)
{
    struct doc *body = doc_new_object();
    if (template_word[0] != 0) {
        merge(body, template_of(script, template_word));
    }
    text += strspn(text, " \n");
    if (*text != 0) {
        AUTO(doc_free) struct doc *own = parse_body(script, text);
        merge(body, own);
    }
    look_up(script, body);
    return body;
}

/* ---- steps ---- */

static void step_transaction(struct script *script, const char *unit, const char *rest)
{
    static const char *const roles[][2] = {{"首席", "chief"},   {"编制", "compile"},
                                           {"审核", "review"},  {"审批", "approve"},
                                           {"网关", "gateway"}, {"管理", "admin"}};
    char key[WORD_BYTES], type[WORD_BYTES], code[WORD_BYTES] = "", field[WORD_BYTES] = "";
    char template_word[WORD_BYTES] = "", as[WORD_BYTES] = "", kid[2 * WORD_BYTES], txid[65] = "";
    const struct name *member = name_at(script, unit);
    if (member == NULL || strcmp(member->word, unit) != 0) {
        wrong(script, "看不懂 not understood: %s", unit);
    }
    next_word(&rest, key);
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (strcmp(key, roles[i][0]) == 0) {
            (void)snprintf(key, sizeof key, "%s", roles[i][1]);
        }
    }
    bool refused = take_word(&rest, "不得");
    if (!refused) {
        need_word(script, &rest, "提交");
    }
    next_word(&rest, type);
    if (refused) {
        next_word(&rest, code);
        next_word(&rest, field);
        if (error_from_code(code) == 0) {
            wrong(script, "无此错误码 no such code: %s", code);
        }
    }
    if (take_word(&rest, "按")) {
        next_word(&rest, template_word);
    }
    if (take_word(&rest, "记为")) {
        next_word(&rest, as);
    }
    AUTO(doc_free) struct doc *body = body_of(script, template_word, rest);
    AUTO(buf_free) struct buf told = {0};
    struct faults faults = {0};
    (void)snprintf(kid, sizeof kid, "%s/%s", member->value, key);
    int error = play_submit(script->play, txid, &faults, kid, type, body);
    faults_append_text(&told, &faults);
    if (!refused) {
        if (error != 0) {
            wrong(script, "%s: %s\n%s", type, error_code(error), buf_text(&told));
        }
        script->result.transactions++;
        if (as[0] != 0) {
            define(script, as, txid);
        }
        return;
    }
    bool found = false;
    for (size_t i = 0; i < faults.count; i++) {
        found = found || (strcmp(error_code(faults.item[i].error), code) == 0 &&
                          strcmp(faults.item[i].field, field) == 0);
    }
    if (error == 0 || !found) {
        wrong(script, "%s 应以 %s（%s）被拒 should have been refused, but: %s\n%s", type, code,
              field, error == 0 ? "ok" : error_code(error), buf_text(&told));
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
        wrong(script, "%s%s 的 %s 应为 %s，实为 is: %s", when, key, path, expected,
              buf_text(&found));
    }
    script->result.checks++;
}

static void step_check(struct script *script, const char *rest)
{
    char word[WORD_BYTES], path[WORD_BYTES], expected[WORD_BYTES];
    AUTO(buf_free) struct buf key = {0}, value = {0};
    next_word(&rest, word);
    next_word(&rest, path);
    next_word(&rest, expected);
    resolve(script, &key, word);
    resolve(script, &value, expected);
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

static void step_end(struct script *script, const char *rest)
{
    char word[WORD_BYTES], before[WORD_BYTES] = "", after[WORD_BYTES] = "";
    char effect[WORD_BYTES] = "", clause[WORD_BYTES];
    AUTO(buf_free) struct buf key = {0};
    int64_t end_ms = need_time(script, &rest);
    next_word(&rest, word);
    resolve(script, &key, word);
    if (take_word(&rest, "起")) {
        next_word(&rest, effect);
    } else {
        next_word(&rest, before);
        need_word(script, &rest, "变为");
        next_word(&rest, after);
    }
    need_word(script, &rest, "依据");
    rest += strspn(rest, " ");
    (void)snprintf(clause, sizeof clause, "%s", rest);
    clause[strcspn(clause, "\n")] = 0;
    if (end_ms <= play_now_ms(script->play)) {
        wrong(script, "该时刻已过 that time is past");
    }
    play_until(script->play, end_ms - 1);
    if (count_acts(script, buf_text(&key), clause, effect) > 0 && effect[0] != 0) {
        wrong(script, "%s 早于届满 came before the end", effect);
    }
    if (before[0] != 0) {
        check_field(script, buf_text(&key), "status", before, "届满前一毫秒 ");
    }
    play_until(script->play, end_ms);
    if (count_acts(script, buf_text(&key), clause, effect) == 0) {
        AUTO(buf_free) struct buf acts = {0};
        doc_append_canonical(&acts, play_acts(script->play));
        wrong(script, "届满时无 %s 的 %s 自动处置 no such act; acts: %.1000s", buf_text(&key),
              clause, buf_text(&acts));
    }
    if (after[0] != 0) {
        check_field(script, buf_text(&key), "status", after, "届满时 ");
    }
    script->result.ends++;
}

static void step_template(struct script *script, const char *rest)
{
    if (script->template_count == TEMPLATES_MAX) {
        wrong(script, "模板过多 too many templates");
    }
    char word[WORD_BYTES];
    next_word(&rest, word);
    struct template *template = &script->templates[script->template_count];
    (void)snprintf(template->word, sizeof template->word, "%.60s", word);
    template->body = parse_body(script, rest);
    script->template_count++;
}

static void step_unit(struct script *script, const char *rest)
{
    char word[WORD_BYTES], seat[WORD_BYTES];
    next_word(&rest, word);
    next_word(&rest, seat);
    if (play_seat(seat) == NULL) {
        wrong(script, "席位应为 中心、甲、乙、丙、主管 之一 no such seat: %s", seat);
    }
    define(script, word, play_seat(seat));
}

static void step_time(struct script *script, const char *verb, const char *rest)
{
    if (strcmp(verb, "政策") == 0) {
        next_word(&rest, script->profile);
        return;
    }
    int64_t time_ms = need_time(script, &rest);
    if (strcmp(verb, "开始") == 0) {
        if (script->profile[0] == 0 || script->play != NULL) {
            wrong(script, "先写“政策”，且只开始一次 the profile comes first, and one beginning");
        }
        script->play = play_open(script->profile, time_ms);
        return;
    }
    if (script->play == NULL || time_ms <= play_now_ms(script->play)) {
        wrong(script, "时间不能倒流 time goes forward");
    }
    (strcmp(verb, "于") == 0 ? play_until : play_standstill)(script->play, time_ms);
}

static void step(struct script *script, const char *text)
{
    static const char *const times[] = {"政策", "开始", "于", "停摆至"};
    char verb[WORD_BYTES];
    next_word(&text, verb);
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
        step_template(script, text);
    } else if (script->play == NULL) {
        wrong(script, "先写“开始” the beginning comes first");
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
        wrong(script, "读不到 cannot be read");
    }
    steps(script, (char *)buf_text(&text));
    if (script->play == NULL || script->result.ends == 0) {
        wrong(script, "未检验任何期限 no term was looked at");
    }
    script->result.height = play_height(script->play);
    *result = script->result;
    play_close(&script->play);
    for (size_t i = 0; i < script->template_count; i++) {
        doc_free(&script->templates[i].body);
    }
    memory_free(script);
}
