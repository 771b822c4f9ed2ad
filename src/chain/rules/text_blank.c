/* Which characters show nothing, and which say nothing by themselves. A name, a reason or a legal
 * basis made of them alone is as good as none; two names that differ in the former alone are one
 * name to every reader.
 *
 * Source: Unicode 14.0, DerivedCoreProperties.txt (Default_Ignorable_Code_Point) and PropList.txt
 * (White_Space), their union; beyond them U+2800, a Braille cell without a dot, and U+FFF9…U+FFFB,
 * format controls of annotations that no font draws. ASCII is judged in records.h; C0 and C1
 * controls other than tab and line feed are in no document. The table is part of what nodes must
 * agree on: a newer Unicode is a change of the rules. */
#include "chain/rules/records.h"
#include "chain/text_form.h"

#include <string.h>

static const struct text_range blank_ranges[] = {
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

size_t rule_blank_bytes_rare(const char *text)
{
    uint32_t point;
    size_t bytes = text_first(&point, text);
    return text_in_ranges(point, blank_ranges, sizeof blank_ranges / sizeof *blank_ranges) ? bytes
                                                                                           : 0;
}

/* Marks that sit on another character, and punctuation: alone they say nothing. General categories
 * Mn, Me and P* of Unicode 14.0 in the blocks that texts here are written in, with what lies
 * between them; and U+FFFD, what is left of a character that a conversion lost. ASCII is below. */
static const struct text_range empty_ranges[] = {
    {0x00a1, 0x00a1},                   /* ¡ */
    {0x00a7, 0x00a7},                   /* § */
    {0x00ab, 0x00ab},                   /* « */
    {0x00b6, 0x00b7},                   /* ¶ and the middle dot */
    {0x00bb, 0x00bb},                   /* » */
    {0x00bf, 0x00bf},                   /* ¿ */
    {0x0300, 0x036f},                   /* combining diacritics */
    {0x0483, 0x0489},                   /* Cyrillic */
    {0x1ab0, 0x1aff},                   /* extended */
    {0x1dc0, 0x1dff},                   /* supplement */
    {0x2010, 0x2027},                   /* dashes, quotation marks, ellipsis */
    {0x2030, 0x205e},                   /* general punctuation */
    {0x20d0, 0x20ff},                   /* for symbols */
    {0x2308, 0x230b},                   /* technical brackets */
    {0x2329, 0x232a}, {0x2768, 0x2775}, /* ornamental */
    {0x27c5, 0x27c6},                   /* mathematical */
    {0x27e6, 0x27ef}, {0x2983, 0x2998}, {0x29d8, 0x29db}, {0x29fc, 0x29fd},
    {0x2de0, 0x2e2e},                   /* Cyrillic letters above; supplemental punctuation */
    {0x2e30, 0x2e5d}, {0x3001, 0x3003}, /* 、。〃 */
    {0x3008, 0x3011},                   /* brackets */
    {0x3014, 0x301f}, {0x302a, 0x3030}, /* tone marks, wavy dash */
    {0x303d, 0x303d}, {0x3099, 0x309a}, /* Kana */
    {0x30a0, 0x30a0}, {0x30fb, 0x30fb}, {0xfe10, 0xfe61}, /* vertical, half, compatibility and small
                                                             forms */
    {0xfe63, 0xfe63}, {0xfe68, 0xfe68}, {0xfe6a, 0xfe6b}, {0xff01, 0xff03}, /* full width */
    {0xff05, 0xff0a}, {0xff0c, 0xff0f}, {0xff1a, 0xff1b}, {0xff1f, 0xff20},
    {0xff3b, 0xff3d}, {0xff3f, 0xff3f}, {0xff5b, 0xff5b}, {0xff5d, 0xff5d},
    {0xff5f, 0xff65}, {0xfffd, 0xfffd}, /* replacement character */
};

/* Length of the first character if it says nothing by itself; 0 if it does. */
static size_t empty_bytes(const char *text)
{
    uint32_t point;
    size_t bytes = text_first(&point, text);
    if (point < 0x80) {
        return point != 0 && strchr("!\"#%&'()*,-./:;?@[\\]_{}", (int)point) != NULL ? 1 : 0;
    }
    return text_in_ranges(point, empty_ranges, sizeof empty_ranges / sizeof *empty_ranges) ? bytes
                                                                                           : 0;
}

bool rule_text_blank(const char *text)
{
    size_t bytes;
    while (text != NULL &&
           ((bytes = rule_blank_bytes(text)) > 0 || (bytes = empty_bytes(text)) > 0)) {
        text += bytes;
    }
    return text == NULL || *text == 0;
}
