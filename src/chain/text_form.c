/* Refused by general category, in every text of a transaction: what no two readers need see alike.
 *
 *   Co   private use: every system draws it as it likes (a rare character has its own code by now)
 *   Cn   the 66 noncharacters, never to be assigned
 *   Cf   directional marks, embeddings, overrides, isolates: they show text in another order than
 *        it was signed in; annotation controls; tags
 *   So   U+FFFC, the place of an object that is not there
 *
 * U+FFFD, the sign of a character that a conversion lost, is let be: every reader sees it, and
 * catalogs that are published hold it; it says nothing by itself (rules/text_blank.c).
 * Controls (Cc) and surrogates (Cs) are in no document (base/doc_text.c). Unassigned characters are
 * let be: a later Unicode gives them meaning, and ledgers last. The table is part of what nodes
 * must agree on. */
#include "chain/text_form.h"

static const struct text_range refused[] = {
    {0x061c, 0x061c},    /* Arabic letter mark */
    {0x200e, 0x200f},    /* left-to-right, right-to-left mark */
    {0x202a, 0x202e},    /* embeddings, overrides */
    {0x2066, 0x206f},    /* isolates, deprecated shaping controls */
    {0xe000, 0xf8ff},    /* private use */
    {0xfdd0, 0xfdef},    /* noncharacters */
    {0xfff9, 0xfffc},    /* annotations, object replacement */
    {0xe0000, 0xe007f},  /* tags */
    {0xf0000, 0x10ffff}, /* planes of private use */
};

size_t text_first(uint32_t *point, const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t more = text_first_bytes(text) - 1;
    *point = more == 0 ? *c : *c & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        *point = *point << 6 | (c[i] & 0x3fu);
    }
    return 1 + more;
}

bool text_in_ranges(uint32_t point, const struct text_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point <= ranges[i].last) {
            return point >= ranges[i].first;
        }
    }
    return false;
}

bool text_form_good(const char *text)
{
    while (*text != 0) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x80 || (c >= 0xe3 && c <= 0xed)) { /* ideographs, most of what there is */
            text += c < 0x80 ? 1 : 3;
            continue;
        }
        uint32_t point;
        text += text_first(&point, text);
        bool noncharacter = (point & 0xfffe) == 0xfffe; /* the last two of each plane */
        if (noncharacter || text_in_ranges(point, refused, sizeof refused / sizeof *refused)) {
            return false;
        }
    }
    return true;
}
