/* Decimal numbers compared digit by digit. */
#include "exchange/decimal.h"

struct decimal {
    bool negative;
    struct view whole;    /* without leading zeros */
    struct view fraction; /* without trailing zeros */
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static struct view take_digits(struct view *text)
{
    size_t len = 0;
    while (len < text->len && is_digit(text->data[len])) {
        len++;
    }
    struct view digits = view_of(text->data, len);
    *text = view_of(text->data + len, text->len - len);
    return digits;
}

static struct view trim(struct view text)
{
    while (text.len > 0 && text.data[0] == ' ') {
        text = view_of(text.data + 1, text.len - 1);
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

static bool decimal_read(struct decimal *out, struct view text)
{
    *out = (struct decimal){0};
    text = trim(text);
    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        out->negative = text.data[0] == '-';
        text = view_of(text.data + 1, text.len - 1);
    }
    out->whole = take_digits(&text);
    bool any = out->whole.len > 0;
    if (any && text.len > 1 && text.data[0] == '.') {
        text = view_of(text.data + 1, text.len - 1);
        out->fraction = take_digits(&text);
    }
    while (out->whole.len > 0 && out->whole.data[0] == '0') {
        out->whole = view_of(out->whole.data + 1, out->whole.len - 1);
    }
    while (out->fraction.len > 0 && out->fraction.data[out->fraction.len - 1] == '0') {
        out->fraction.len--;
    }
    if (out->whole.len == 0 && out->fraction.len == 0) {
        out->negative = false; /* -0 */
    }
    return any && text.len == 0;
}

bool decimal_compare(int *order, struct view a, struct view b)
{
    struct decimal x, y;
    if (!decimal_read(&x, a) || !decimal_read(&y, b)) {
        return false;
    }
    if (x.negative != y.negative) {
        *order = x.negative ? -1 : 1;
        return true;
    }
    if (x.whole.len != y.whole.len) {
        *order = x.whole.len < y.whole.len ? -1 : 1;
    } else {
        *order = view_compare(x.whole, y.whole);
        *order = *order != 0 ? *order : view_compare(x.fraction, y.fraction);
    }
    *order = x.negative ? -*order : *order;
    return true;
}
