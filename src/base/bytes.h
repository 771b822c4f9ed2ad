/* Byte strings: borrowed views, an owned growing buffer, and bounded big-endian reading and
 * writing. All binary formats of the chain are written and read through these. */
#ifndef DIRCHAIN_BASE_BYTES_H
#define DIRCHAIN_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes; whoever made it owns the memory. */
struct view {
    const uint8_t *data;
    size_t len;
};

/* An owned buffer. {0} is empty and valid. Release with buf_free. */
struct buf {
    uint8_t *data;
    size_t len;
    size_t capacity;
};

struct view view_of(const void *data, size_t len);
struct view view_of_text(const char *text); /* without the NUL */
struct view view_of_buf(const struct buf *buf);
bool view_equal(struct view a, struct view b);
int view_compare(struct view a, struct view b); /* memcmp order, shorter first */

void buf_free(struct buf *buf); /* leaves {0}; usable with AUTO */
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_reserve(struct buf *buf, size_t more);
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_append_view(struct buf *buf, struct view view);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_append_u8(struct buf *buf, uint8_t value);
void buf_append_u16(struct buf *buf, uint16_t value); /* big-endian, as all below */
void buf_append_u32(struct buf *buf, uint32_t value);
void buf_append_u64(struct buf *buf, uint64_t value);
/* Ends the contents with a NUL that is not counted, and returns them as text. */
const char *buf_text(struct buf *buf);

/* A reader over a view. After the first read past the end, `bad` stays set and reads yield zeros:
 * decode everything, then test reader_done once. */
struct reader {
    struct view rest;
    bool bad;
};
struct reader reader_of(struct view view);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
void reader_copy(struct reader *reader, void *out, size_t len);
struct view reader_take(struct reader *reader, size_t len); /* borrowed from the view */
bool reader_done(const struct reader *reader);              /* nothing bad and nothing left */

/* Text encodings. The decoders accept exactly what the encoders write: lower-case hex; base64url
 * without padding and with zero trailing bits. Returns 0 or ERR_HEX / ERR_BASE64URL. */
void hex_encode(char *out, struct view in); /* 2 * len + 1 bytes with NUL */
int hex_decode(uint8_t *out, size_t out_len, struct view text);
void base64url_append(struct buf *out, struct view in);
int base64url_decode(struct buf *out, struct view text); /* appends */

#endif
