/* Words of a fault become a sentence: "现为已发布，须为待审查。", "It is published, and has to be
 * submitted." */
#include "exchange/fault_words.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/words.h"

#include <inttypes.h>
#include <string.h>

/* How a sentence says what is, and what would have been allowed; %s stands for the words. */
struct wording {
    int error;
    const char *member; /* whose words these are (words.h); NULL: the field's */
    struct {
        const char *now, *may, *and, *or;
    } chinese, english;
};

#define FORM "form" /* not a word but a form of values */

static const struct wording wordings[] = {
    {ERR_STATUS,
     "status",
     {"现为%s", "须为%s", "、", "或"},
     {"It is %s", "It has to be %s", ", ", " or "}},
    {ERR_PARTY, "party", {"", "应由%s办理", "、", "或"}, {"", "It is for %s to do", ", ", " or "}},
    {ERR_SUPERVISOR,
     "party",
     {"现为%s", "须为%s", "、", "或"},
     {"It is %s", "It has to be %s", ", ", " or "}},
    {ERR_FIELD_MISSING,
     "cause",
     {"未写明事由 cause 的，即为%s", "另有%s", "、", "、"},
     {"Without a cause it is %s", "Others are %s", ", ", ", "}},
    {ERR_FIELD_CHOICE, NULL, {"", "可取 %s", "、", "、"}, {"", "It takes %s", ", ", ", "}},
    {ERR_FIELD_RANGE, NULL, {"", "最早为 %s", "、", "、"}, {"", "The earliest is %s", ", ", ", "}},
    {ERR_FIELD_TYPE, FORM, {"", "须为%s", "", "或"}, {"", "It has to be %s", "", " or "}},
    {ERR_DATE, FORM, {"", "须为%s", "", "或"}, {"", "It has to be %s", "", " or "}},
    {ERR_FIELD_FORMAT, FORM, {"", "须为%s", "", "或"}, {"", "It has to be %s", "", " or "}},
    {ERR_NOT_BEGUN,
     NULL,
     {"期间自 %s 起", "最新区块在 %s", "、", "、"},
     {"The period begins on %s", "The newest block is of %s", ", ", ", "}},
    {ERR_ROW_TWICE,
     NULL,
     {"代码相同的是第 %s 行", "", "、", "、"},
     {"The same code is in row %s", "", ", ", ", "}},
    {ERR_BEFORE_HISTORY,
     NULL,
     {"", "本节点知悉 %s 起的情况", "、", "、"},
     {"", "This node knows what happened from %s on", ", ", ", "}},
    {ERR_TX_ROLE,
     "role",
     {"该密钥为%s", "须用%s密钥", "、", "或"},
     {"The key is for %s", "It takes a key for %s", ", ", " or "}},
};

/* What a value is like; `word` is what stands in `may`. */
static const struct {
    const char *word, *chinese, *english;
} forms[] = {
    {"text", "文本", "a text"},
    {"number", "整数", "a whole number"},
    {"date", "日期，如 2026-02-12", "a date such as 2026-02-12"},
    {"yes-no", " true 或 false", "true or false"},
    {"object", "对象 {…}", "an object {…}"},
    {"list", "列表 […]", "a list […]"},
    {"hash", " 64 位十六进制小写数字", "64 hexadecimal digits in lower case"},
    {"public-key", " 66 位十六进制小写数字", "66 hexadecimal digits in lower case"},
    {"code", "字母、数字及 . _ - 组成的代码", "a code of letters, digits and . _ -"},
    {"endpoint", "“主机:端口”，端口为 1 至 65535", "host:port with a port from 1 to 65535"},
    {"key-name", " 1 至 32 个 a-z、0-9 或 - 字符", "1 to 32 of a-z, 0-9 and -"},
    {"ascending", "大于前一项的数", "more than the one before it"},
    {"left-out", "空：该数据类型没有小数位", "left out: the type has no decimals"},
    {"dictionary", "与字典一致的中文名、数据类型和长度（见附件3第三章）",
     "as the dictionary has it: name, type and length (CN 附件3 第三章)"},
    {"class-code", "数字，首位为 1、2 或 3", "digits, the first of them 1, 2 or 3"},
};

static const struct wording *wording_of(int error)
{
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++) {
        if (wordings[i].error == error) {
            return &wordings[i];
        }
    }
    return NULL;
}

static void append_form(struct buf *out, const char *word, bool chinese)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(forms[i].word, word) == 0) {
            buf_append_text(out, chinese ? forms[i].chinese : forms[i].english);
        }
    }
}

static void append_plain(struct buf *out, const char *member, const char *word, bool chinese)
{
    const char *found = chinese ? word_chinese(member, word) : NULL;
    buf_append_text(out, found == NULL ? word : found);
}

/* "provider:ID" → "提供方 ID", "provider ID"; "center/review" → "中心（审核）", "center (review)". */
static void append_word(struct buf *out, const struct wording *wording, const char *word,
                        bool chinese)
{
    char first[FAULT_WORDS_BYTES_MAX];
    size_t len = strcspn(word, ":/");
    memcpy(first, word, len);
    first[len] = 0;
    append_plain(out, wording->member, first, chinese);
    if (word[len] == ':') {
        buf_append_format(out, chinese ? " %s " : " %s", word + len + 1);
    } else if (word[len] == '/') {
        buf_append_text(out, chinese ? "（" : " (");
        append_plain(out, "role", word + len + 1, chinese);
        buf_append_text(out, chinese ? "）" : ")");
    }
}

/* "approve（同意）": the word is what has to be written. */
static void append_choice(struct buf *out, const struct fault *fault, const char *member,
                          const char *word, bool chinese)
{
    const char *found = !chinese              ? NULL
                        : fault->gloss != NULL ? fault->gloss(word)
                                               : word_chinese(member, word);
    buf_append_text(out, word);
    if (found != NULL) {
        buf_append_format(out, "（%s）", found);
    }
}

static struct doc *words_to_list(const char *words)
{
    char copy[FAULT_WORDS_BYTES_MAX];
    char *rest = NULL;
    struct doc *list = doc_new_array();
    memcpy(copy, words, strlen(words) + 1);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        doc_push_text(list, word);
    }
    return list;
}

static void append_part(struct buf *out, const struct wording *wording, const struct fault *fault,
                        const struct doc *words, bool chinese, bool may)
{
    const char *dot = strrchr(fault->field, '.');
    const char *field = fault->named != NULL ? fault->named
                        : dot == NULL        ? fault->field
                                             : dot + 1;
    const char *form = chinese ? (may ? wording->chinese.may : wording->chinese.now)
                               : (may ? wording->english.may : wording->english.now);
    const char *between = chinese ? (may ? wording->chinese.or : wording->chinese.and)
                                  : (may ? wording->english.or : wording->english.and);
    const char *slot = strstr(form, "%s");
    if (doc_count(words) == 0 || slot == NULL) {
        return;
    }
    buf_append(out, form, (size_t)(slot - form));
    for (size_t i = 0; i < doc_count(words); i++) {
        const char *word = doc_text(doc_at(words, i));
        buf_append_text(out, i == 0 ? "" : between);
        if (wording->member != NULL && strcmp(wording->member, FORM) == 0) {
            append_form(out, word, chinese);
        } else if (wording->member == NULL) {
            append_choice(out, fault, field, word, chinese);
        } else {
            append_word(out, wording, word, chinese);
        }
    }
    buf_append_text(out, slot + 2);
    buf_append_text(out, chinese ? "。" : ".");
}

/* ---- bounds ---- */

static void append_number(struct buf *out, int64_t value)
{
    buf_append_format(out, "%" PRId64, value);
}

static void append_day(struct buf *out, int64_t day)
{
    char text[CIVIL_TIME_CHARS];
    civil_format_date(text, day);
    buf_append_text(out, text);
}

/* "2 至 500", "2 to 500"; one number where both ends are the same. */
static void append_numbers(struct buf *out, const struct fault_bounds *bounds, const char *to)
{
    append_number(out, bounds->low);
    if (bounds->low != bounds->high) {
        buf_append_text(out, to);
        append_number(out, bounds->high);
    }
}

static void tell_numbers(struct buf *chinese, struct buf *english, const struct fault *fault)
{
    bool length = fault->error == ERR_FIELD_LENGTH, count = fault->error == ERR_FIELD_COUNT;
    buf_append_text(chinese, count ? "须有 " : "须为 ");
    append_numbers(chinese, &fault->bounds, " 至 ");
    buf_append_text(chinese, length ? " 字。" : count ? " 项。" : "。");
    buf_append_text(english, length || count ? "It has to have " : "It has to be ");
    append_numbers(english, &fault->bounds, " to ");
    buf_append_text(english, length ? " characters." : count ? " elements." : ".");
}

static void tell_days(struct buf *chinese, struct buf *english, const struct fault_bounds *bounds)
{
    if (bounds->low != FAULT_OPEN) {
        buf_append_text(chinese, "不得早于 ");
        append_day(chinese, bounds->low);
        buf_append_text(chinese, bounds->high != FAULT_OPEN ? "，" : "。");
        buf_append_text(english, "It may not be before ");
        append_day(english, bounds->low);
        buf_append_text(english, bounds->high != FAULT_OPEN ? ", and not after " : ".");
    }
    if (bounds->high != FAULT_OPEN) {
        buf_append_text(chinese, "不得晚于 ");
        append_day(chinese, bounds->high);
        buf_append_text(chinese, "。");
        buf_append_text(english, bounds->low != FAULT_OPEN ? "" : "It may not be after ");
        append_day(english, bounds->high);
        buf_append_text(english, ".");
    }
}

static void tell_bounds(struct doc *entry, const struct fault *fault)
{
    AUTO(buf_free) struct buf english = {0};
    AUTO(buf_free) struct buf chinese = {0};
    if (fault->bounds.measure == FAULT_NUMBERS) {
        tell_numbers(&chinese, &english, fault);
    } else {
        tell_days(&chinese, &english, &fault->bounds);
    }
    doc_set_text(entry, "told", buf_text(&english));
    doc_set_text(entry, "told_zh", buf_text(&chinese));
}

/* ---- words ---- */

static void tell(struct doc *entry, const struct fault *fault)
{
    const struct wording *wording = wording_of(fault->error);
    if (fault->bounds.measure != FAULT_UNBOUND) {
        tell_bounds(entry, fault);
        return;
    }
    if (wording == NULL ||
        (fault->now[0] == 0 && fault->may[0] == 0 && fault->choices == NULL)) {
        return;
    }
    struct doc *now = words_to_list(fault->now), *may = words_to_list(fault->may);
    for (size_t i = 0; fault->choices != NULL && fault->choices[i] != NULL; i++) {
        doc_push_text(may, fault->choices[i]);
    }
    AUTO(buf_free) struct buf english = {0};
    AUTO(buf_free) struct buf chinese = {0};
    append_part(&chinese, wording, fault, now, true, false);
    append_part(&chinese, wording, fault, may, true, true);
    append_part(&english, wording, fault, now, false, false);
    buf_append_text(&english, english.len > 0 && doc_count(may) > 0 ? " " : "");
    append_part(&english, wording, fault, may, false, true);
    doc_set_text(entry, "told", buf_text(&english));
    doc_set_text(entry, "told_zh", buf_text(&chinese));
    doc_set(entry, "now", now);
    doc_set(entry, "may", may);
}

struct doc *fault_to_doc(const struct fault *fault)
{
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "chinese", error_chinese(fault->error));
    if (fault->clause[0] != '\0') {
        doc_set_text(entry, "clause", fault->clause);
    }
    doc_set_text(entry, "code", error_code(fault->error));
    doc_set_text(entry, "english", error_english(fault->error));
    doc_set_text(entry, "field", doc_text_valid(view_of_text(fault->field)) ? fault->field : "?");
    tell(entry, fault);
    return entry;
}
