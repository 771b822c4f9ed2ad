/* Cutting text into terms: runs of Chinese characters into overlapping pairs, everything else into
 * words. Input is valid UTF-8, as every text of a document is. */
#include "api/search.h"

#include "base/limits.h"

#include <string.h>

enum script { SEPARATOR, WORD, HAN };

static const char *decode(uint32_t *out, const char *at)
{
    const uint8_t *byte = (const uint8_t *)at;
    if (byte[0] < 0x80) {
        *out = byte[0];
        return at + 1;
    }
    int more = byte[0] >= 0xf0 ? 3 : byte[0] >= 0xe0 ? 2 : 1;
    uint32_t code = byte[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++)
        code = code << 6 | (byte[i] & 0x3f);
    *out = code;
    return at + more + 1;
}

static void encode(struct buf *out, uint32_t code)
{
    if (code < 0x80) {
        buf_append_u8(out, (uint8_t)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    buf_append_u8(out, (uint8_t)(lead[more] | code >> (6 * more)));
    while (more-- > 0)
        buf_append_u8(out, (uint8_t)(0x80 | (code >> (6 * more) & 0x3f)));
}

/* Full width to ordinary; capitals to small letters. */
static uint32_t fold(uint32_t code)
{
    if (code >= 0xff01 && code <= 0xff5e)
        code -= 0xfee0;
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

static bool is_han(uint32_t code)
{
    return (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3400 && code <= 0x4dbf) ||
           (code >= 0xf900 && code <= 0xfaff) || (code >= 0x20000 && code <= 0x3ffff) ||
           code == 0x3005 || code == 0x3007; /* 々 〇 */
}

static enum script script_of(uint32_t code)
{
    if (is_han(code))
        return HAN;
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9') ? WORD : SEPARATOR;
    if (code < 0xc0 || code == 0xd7 || code == 0xf7 || (code >= 0x2000 && code <= 0x2bff) ||
        (code >= 0x3000 && code <= 0x303f) || code >= 0xfe10)
        return SEPARATOR; /* punctuation and symbols, also those of full width */
    return WORD;
}

/* A run of one script: its characters, already folded. */
struct run {
    enum script script;
    const char *from, *to;
};

static bool next_run(struct run *run, const char **at)
{
    uint32_t code;
    const char *next;
    run->script = SEPARATOR;
    while (**at && run->script == SEPARATOR) {
        run->from = *at;
        *at = decode(&code, *at);
        run->script = script_of(fold(code));
    }
    if (run->script == SEPARATOR)
        return false;
    while (**at) {
        next = decode(&code, *at);
        if (script_of(fold(code)) != run->script)
            break;
        *at = next;
    }
    run->to = *at;
    return true;
}

static void append_folded(struct buf *out, const char *from, const char *to)
{
    while (from < to) {
        uint32_t code;
        from = decode(&code, from);
        encode(out, fold(code));
    }
}

/* Pairs of a run, each followed by a blank. Returns how many. */
static size_t append_pairs(struct buf *out, const struct run *run)
{
    uint32_t code;
    size_t count = 0;
    for (const char *at = run->from;;) {
        const char *second = decode(&code, at);
        if (second >= run->to)
            return count;
        append_folded(out, at, decode(&code, second));
        buf_append_u8(out, ' ');
        at = second;
        count++;
    }
}

static const char *last_of(const struct run *run)
{
    const char *at = run->to - 1;
    while (((uint8_t)*at & 0xc0) == 0x80)
        at--;
    return at;
}

void search_append_terms(struct buf *out, const char *text)
{
    struct run run;
    for (const char *at = text; next_run(&run, &at);) {
        if (run.script == HAN)
            append_pairs(out, &run);
        append_folded(out, run.script == HAN ? last_of(&run) : run.from, run.to);
        buf_append_u8(out, ' ');
    }
}

void search_append_shingles(struct buf *out, const char *text)
{
    struct run run;
    for (const char *at = text; next_run(&run, &at);) {
        if (run.script == HAN && append_pairs(out, &run) > 0)
            continue;
        append_folded(out, run.from, run.to);
        buf_append_u8(out, ' ');
    }
}

bool search_append_query(struct buf *out, const char *text)
{
    struct run run;
    size_t parts = 0;
    for (const char *at = text; parts < SEARCH_PARTS_MAX && next_run(&run, &at); parts++) {
        buf_append_text(out, parts > 0 ? " AND \"" : "\"");
        bool pairs = run.script == HAN && append_pairs(out, &run) > 0;
        if (pairs)
            out->len--; /* the last blank */
        else
            append_folded(out, run.from, run.to);
        buf_append_text(out, pairs ? "\"" : "\" *");
    }
    return parts > 0;
}
