/* Which characters show nothing. A name, a reason or a legal basis made of them alone is as good as
 * none, and two names that differ in them alone are the same name to every reader.
 *
 * Source: Unicode 14.0, DerivedCoreProperties.txt (Default_Ignorable_Code_Point) and PropList.txt
 * (White_Space), their union; beyond them U+2800, a Braille cell without a dot, and U+FFF9…U+FFFB,
 * format controls of annotations that no font draws. ASCII is judged in records.h; C0 and C1
 * controls other than tab and line feed are in no document. The table is part of what nodes must
 * agree on: a newer Unicode is a change of the rules. */
#include "chain/rules/records.h"

static const struct {
    uint32_t first, last;
} blank_ranges[] = {
    {0x00a0, 0x00a0},   /* no-break space */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x1680, 0x1680},   /* Ogham space */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian variation selectors, vowel separator */
    {0x2000, 0x200f},   /* spaces by width, zero width, directional marks */
    {0x2028, 0x202f},   /* separators, directional embeddings and overrides, narrow space */
    {0x205f, 0x206f},   /* mathematical space, word joiner, invisible operators, isolates */
    {0x2800, 0x2800},   /* Braille blank */
    {0x3000, 0x3000},   /* ideographic space */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfe00, 0xfe0f},   /* variation selectors */
    {0xfeff, 0xfeff},   /* byte order mark, zero width no-break space */
    {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
    {0xfff0, 0xfffb},   /* unassigned ignorables, annotation controls */
    {0x1bca0, 0x1bca3}, /* shorthand format controls */
    {0x1d173, 0x1d17a}, /* musical format controls */
    {0xe0000, 0xe0fff}, /* tags, variation selectors of ideographs */
};

/* Length of the first character, which is valid UTF-8 and not ASCII; what it is into *out. */
static size_t decode(uint32_t *out, const unsigned char *c)
{
    size_t more = *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;
    uint32_t point = *c & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        point = point << 6 | (c[i] & 0x3fu);
    }
    *out = point;
    return 1 + more;
}

size_t rule_blank_bytes_rare(const char *text)
{
    uint32_t point;
    size_t bytes = decode(&point, (const unsigned char *)text);
    for (size_t i = 0; i < sizeof blank_ranges / sizeof *blank_ranges; i++) {
        if (point <= blank_ranges[i].last) {
            return point >= blank_ranges[i].first ? bytes : 0;
        }
    }
    return 0;
}

bool rule_text_blank(const char *text)
{
    size_t blank;
    while (text != NULL && (blank = rule_blank_bytes(text)) > 0) {
        text += blank;
    }
    return text == NULL || *text == 0;
}
