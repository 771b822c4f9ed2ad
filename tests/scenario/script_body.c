/* See script_body.h. */
#include "script_body.h"

#include "base/civil.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void script_wrong(const struct script *script, const char *format, ...)
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

void script_word(const char **rest, char out[WORD_BYTES])
{
    *rest += strspn(*rest, " \n");
    size_t len = strcspn(*rest, " \n");
    len = len < WORD_BYTES ? len : WORD_BYTES - 1;
    memcpy(out, *rest, len);
    out[len] = 0;
    *rest += len;
}

bool script_take(const char **rest, const char *word)
{
    const char *at = *rest;
    char next[WORD_BYTES];
    script_word(&at, next);
    if (strcmp(next, word) != 0) {
        return false;
    }
    *rest = at;
    return true;
}

void script_need(const struct script *script, const char **rest, const char *word)
{
    if (!script_take(rest, word)) {
        script_wrong(script, "此处应为“%s” expected here, not “%.30s”", word, *rest);
    }
}

int64_t script_time(const struct script *script, const char **rest)
{
    char date[WORD_BYTES], clock[WORD_BYTES], text[2 * WORD_BYTES + 16];
    int64_t day, time_ms = 0;
    script_word(rest, date);
    script_word(rest, clock);
    if (strcmp(clock, "24:00") == 0) {
        if (civil_parse_date(&day, date) != 0) {
            script_wrong(script, "不是日期 no date: %s", date);
        }
        return civil_day_start(day + 1);
    }
    (void)snprintf(text, sizeof text, "%sT%s:00+08:00", date, clock);
    if (civil_parse_time(&time_ms, text) != 0) {
        script_wrong(script, "不是时间 no time: %s %s", date, clock);
    }
    return time_ms;
}

/* ---- names ---- */

void script_define(struct script *script, const char *word, const char *value)
{
    for (size_t i = 0; i < script->name_count; i++) {
        if (strcmp(script->names[i].word, word) == 0) {
            script_wrong(script, "名称重复 named twice: %s", word);
        }
    }
    if (script->name_count == NAMES_MAX || strlen(word) >= sizeof script->names[0].word) {
        script_wrong(script, "名称过多或过长 too many names, or too long: %s", word);
    }
    struct name *name = &script->names[script->name_count++];
    (void)snprintf(name->word, sizeof name->word, "%s", word);
    (void)snprintf(name->value, sizeof name->value, "%s", value);
}

const struct name *script_name(const struct script *script, const char *text)
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

void script_resolve(const struct script *script, struct buf *out, const char *text)
{
    while (*text != 0) {
        size_t len = strcspn(text, "$");
        buf_append(out, text, len);
        text += len;
        if (*text == '$') {
            const struct name *name = script_name(script, text + 1);
            if (name == NULL) {
                script_wrong(script, "未定义的名称 no such name: %.40s", text);
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
    script_resolve(script, &quoted, text);
    char *at = (char *)quoted.data;
    for (size_t i = 0; i < quoted.len; i++) {
        at[i] = at[i] == '\'' ? '"' : at[i];
    }
    if (doc_parse(&body, view_of_buf(&quoted), SCRIPT_BYTES_MAX) != 0 ||
        doc_kind(body) != DOC_OBJECT) {
        script_wrong(script, "不是 JSON 对象 no JSON object: %.200s", buf_text(&quoted));
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

/* A copy of the template of this name; 现行政策 is the profile in force. */
static struct doc *template_named(const struct script *script, const char *word)
{
    for (size_t i = 0; i < script->template_count; i++) {
        if (strcmp(script->templates[i].word, word) == 0) {
            return doc_copy(script->templates[i].body);
        }
    }
    if (strcmp(word, "现行政策") == 0 && script->play != NULL) {
        AUTO(doc_free) struct doc *record = play_record(script->play, "profile");
        return doc_copy(doc_get(record, "profile"));
    }
    script_wrong(script, "无此模板 no such template: %s", word);
}

void script_template(struct script *script, const char *rest)
{
    if (script->template_count == TEMPLATES_MAX) {
        script_wrong(script, "模板过多 too many templates");
    }
    char word[WORD_BYTES], upon[WORD_BYTES];
    script_word(&rest, word);
    struct doc *body = NULL;
    if (script_take(&rest, "按")) {
        script_word(&rest, upon);
        body = template_named(script, upon);
    } else {
        body = doc_new_object();
    }
    AUTO(doc_free) struct doc *own = parse_body(script, rest);
    merge(body, own);
    struct template *template = &script->templates[script->template_count++];
    (void)snprintf(template->word, sizeof template->word, "%.60s", word);
    template->body = body;
}

/* ---- what a text of a body stands for ---- */

static struct doc *member_of_record(const struct script *script, const char *key, const char *field)
{
    AUTO(doc_free) struct doc *record = play_record(script->play, key);
    const char *found = doc_get_text(record, field);
    if (found == NULL) {
        script_wrong(script, "无此记录 no such record: %s", key);
    }
    return doc_new_text(found);
}

static struct doc *version_of(const struct script *script, const char *key)
{
    return member_of_record(script, key, "version");
}

static struct doc *number_of(const struct script *script, const char *key)
{
    return member_of_record(script, key, "number");
}

static struct doc *field_of(const struct script *script, const char *text)
{
    char field[WORD_BYTES], key[WORD_BYTES];
    script_word(&text, field);
    script_word(&text, key);
    return member_of_record(script, key, field);
}

static struct doc *digest_of(const struct script *script, const char *text)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash digest = hash_sha256(view_of_text(text));
    (void)script;
    hash_to_hex(hex, &digest);
    return doc_new_text(hex);
}

static struct doc *instant_of(const struct script *script, const char *text)
{
    return doc_new_int(script_time(script, &text));
}

static struct doc *public_of(const struct script *script, const char *kid)
{
    char hex[PLAY_TEXT_BYTES];
    (void)script;
    play_public(hex, kid);
    return doc_new_text(hex);
}

static struct doc *proof_of(const struct script *script, const char *kid)
{
    char text[PLAY_TEXT_BYTES];
    play_proof(script->play, text, kid);
    return doc_new_text(text);
}

static struct doc *join_of(const struct script *script, const char *member)
{
    (void)script;
    return play_join(member);
}

/* The value with everything in it looked up that names something on the ledger. */
static struct doc *looked_up(const struct script *script, const struct doc *value)
{
    static const struct {
        const char *word;
        struct doc *(*look)(const struct script *script, const char *rest);
    } looks[] = {{"版本 ", version_of},   {"单号 ", number_of},      {"字段 ", field_of},
                 {"摘要 ", digest_of},    {"时刻 ", instant_of},     {"公钥 ", public_of},
                 {"持有证明 ", proof_of}, {"市级入网申请 ", join_of}};
    const char *text = doc_text(value);
    if (text != NULL && strncmp(text, "模板 ", strlen("模板 ")) == 0) {
        AUTO(doc_free) struct doc *body = template_named(script, text + strlen("模板 "));
        return looked_up(script, body);
    }
    for (size_t i = 0; text != NULL && i < COUNT_OF(looks); i++) {
        if (strncmp(text, looks[i].word, strlen(looks[i].word)) == 0) {
            return looks[i].look(script, text + strlen(looks[i].word));
        }
    }
    if (doc_kind(value) == DOC_ARRAY) {
        struct doc *list = doc_new_array();
        for (size_t i = 0; i < doc_count(value); i++) {
            doc_push(list, looked_up(script, doc_at(value, i)));
        }
        return list;
    }
    if (doc_kind(value) != DOC_OBJECT) {
        return doc_ref(value);
    }
    struct doc *object = doc_new_object();
    size_t cursor = 0;
    const char *key;
    const struct doc *member;
    while (doc_next(value, &cursor, &key, &member)) {
        doc_set(object, key, looked_up(script, member));
    }
    return object;
}

struct doc *script_body(const struct script *script, const char *template_word, const char *text)
{
    AUTO(doc_free)
    struct doc *body =
        template_word[0] != 0 ? template_named(script, template_word) : doc_new_object();
    text += strspn(text, " \n");
    if (*text != 0) {
        AUTO(doc_free) struct doc *own = parse_body(script, text);
        merge(body, own);
    }
    return looked_up(script, body);
}
