/* RDF/XML into statements (https://www.w3.org/TR/rdf-syntax-grammar/). The only file that knows
 * expat, which cuts the text into elements; what they mean is decided here.
 *
 * Elements alternate: a node element holds property elements, one of which holds a node element or
 * text. A stack of frames follows that:
 *
 *   NODE      <dcat:Dataset rdf:about="…">        its subject is known
 *   PROPERTY  <dct:title>…</dct:title>            object: the text, or the node within
 *   SKIPPED   whatever is below a literal of XML
 */
#include "exchange/rdf_graph.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/dcat.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#define XML_NS "http://www.w3.org/XML/1998/namespace"

enum frame_kind { FRAME_NODE, FRAME_PROPERTY, FRAME_SKIPPED };

struct frame {
    enum frame_kind kind;
    char *subject;   /* of a node; of a property, whose it is */
    char *predicate; /* of a property */
    char *lang;      /* in force here */
    bool settled;    /* a property whose object is known: text within is mere layout */
};

struct reading {
    XML_Parser parser;
    struct rdf_graph *graph;
    struct frame frames[RDF_DEPTH_MAX];
    size_t depth;
    struct buf text; /* of the innermost property, so far */
    unsigned blanks; /* nodes without an address, numbered */
    bool root_seen;
    int error;
};

static void stop(struct reading *reading, int error)
{
    if (reading->error == 0) {
        reading->error = error;
        (void)XML_StopParser(reading->parser, XML_FALSE);
    }
}

/* A text that documents may hold; the caller frees it. */
static char *clean(const char *text)
{
    AUTO(buf_free) struct buf out = {0};
    dcat_clean_append(&out, view_of_text(text));
    return memory_copy_text(buf_text(&out));
}

static void add(struct reading *reading, const char *subject, const char *predicate,
                const char *object, const char *lang, bool literal)
{
    const struct rdf_statement statement = {subject, predicate, object, lang, literal};
    if (!rdf_graph_add(reading->graph, &statement)) {
        stop(reading, ERR_TOO_LARGE);
    }
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

/* ---- nodes ---- */

static char *blank_node(struct reading *reading)
{
    char name[32];
    (void)snprintf(name, sizeof name, "_:%u", reading->blanks++);
    return memory_copy_text(name);
}

static char *named(const char *prefix, const char *name)
{
    AUTO(buf_free) struct buf out = {0};
    buf_append_text(&out, prefix);
    dcat_clean_append(&out, view_of_text(name));
    return memory_copy_text(buf_text(&out));
}

/* The node that attributes name, NULL if they name none. A nodeID begins with "_:n", so that it is
 * none of ours, which have digits. */
static char *node_of(const XML_Char **attributes, const char *address)
{
    const char *given = attribute(attributes, address);
    const char *id = attribute(attributes, RDF_NS "ID");
    const char *node = attribute(attributes, RDF_NS "nodeID");
    return given != NULL                                        ? clean(given)
           : node != NULL                                       ? named("_:n", node)
           : id != NULL && strcmp(address, RDF_NS "about") == 0 ? named("#", id)
                                                                : NULL;
}

/* Attributes that are statements themselves: every one that RDF and XML do not claim. */
static void add_attributes(struct reading *reading, const char *subject,
                           const XML_Char **attributes, const char *lang)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *name = attributes[i];
        if (strcmp(name, RDF_NS "type") == 0) {
            AUTO(memory_release) char *type = clean(attributes[i + 1]);
            add(reading, subject, name, type, "", false);
        } else if (strncmp(name, RDF_NS, strlen(RDF_NS)) != 0 &&
                   strncmp(name, XML_NS, strlen(XML_NS)) != 0 && strchr(name, ':') != NULL) {
            AUTO(memory_release) char *value = clean(attributes[i + 1]);
            add(reading, subject, name, value, lang, true);
        }
    }
}

static struct frame *push(struct reading *reading, enum frame_kind kind,
                          const XML_Char **attributes)
{
    const char *lang = attribute(attributes, XML_NS "lang");
    if (reading->depth == RDF_DEPTH_MAX) {
        stop(reading, ERR_TOO_LARGE);
        return NULL;
    }
    const char *outer = reading->depth == 0 ? "" : reading->frames[reading->depth - 1].lang;
    struct frame *frame = &reading->frames[reading->depth++];
    *frame = (struct frame){.kind = kind};
    frame->lang = lang == NULL ? memory_copy_text(outer) : clean(lang);
    return frame;
}

static void begin_node(struct reading *reading, const char *name, const XML_Char **attributes)
{
    struct frame *outer = reading->depth == 0 ? NULL : &reading->frames[reading->depth - 1];
    struct frame *frame = push(reading, FRAME_NODE, attributes);
    if (frame == NULL) {
        return;
    }
    frame->subject = node_of(attributes, RDF_NS "about");
    frame->subject = frame->subject != NULL ? frame->subject : blank_node(reading);
    if (outer != NULL && outer->kind == FRAME_PROPERTY) {
        add(reading, outer->subject, outer->predicate, frame->subject, "", false);
        outer->settled = true;
    }
    if (strcmp(name, RDF_NS "Description") != 0) {
        add(reading, frame->subject, RDF_NS "type", name, "", false);
    }
    add_attributes(reading, frame->subject, attributes, frame->lang);
}

/* ---- properties ---- */

static void begin_property(struct reading *reading, const char *name, const XML_Char **attributes)
{
    struct frame *outer = &reading->frames[reading->depth - 1];
    const char *type = attribute(attributes, RDF_NS "parseType");
    bool skipped = type != NULL && strcmp(type, "Resource") != 0;
    struct frame *frame = push(reading, skipped ? FRAME_SKIPPED : FRAME_PROPERTY, attributes);
    if (frame == NULL) {
        return;
    }
    if (skipped) {
        rdf_graph_note_skipped(reading->graph);
        return;
    }
    buf_clear(&reading->text);
    frame->subject = memory_copy_text(outer->subject);
    frame->predicate = memory_copy_text(name);
    char *object = type != NULL ? blank_node(reading) : node_of(attributes, RDF_NS "resource");
    if (object == NULL) {
        return;
    }
    add(reading, frame->subject, name, object, "", false);
    add_attributes(reading, object, attributes, frame->lang);
    frame->settled = true;
    if (type != NULL) { /* what follows within are properties of the nameless node */
        frame->kind = FRAME_NODE;
        memory_free(frame->subject);
        frame->subject = object;
    } else {
        memory_free(object);
    }
}

static void end_property(struct reading *reading, const struct frame *frame)
{
    if (!frame->settled) {
        AUTO(memory_release) char *text = clean(buf_text(&reading->text));
        add(reading, frame->subject, frame->predicate, text, frame->lang, true);
    }
    buf_clear(&reading->text);
}

/* ---- elements ---- */

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = context;
    const struct frame *outer = reading->depth == 0 ? NULL : &reading->frames[reading->depth - 1];
    if (outer == NULL && !reading->root_seen && strcmp(name, RDF_NS "RDF") == 0) {
        reading->root_seen = true;
        return;
    }
    if (outer == NULL && !reading->root_seen) {
        stop(reading, ERR_ENCODING); /* some other XML */
    } else if (outer != NULL && outer->kind == FRAME_SKIPPED) {
        (void)push(reading, FRAME_SKIPPED, attributes);
    } else if (outer == NULL || outer->kind == FRAME_PROPERTY) {
        if (outer != NULL && outer->settled) {
            stop(reading, ERR_ENCODING); /* one property, one object */
            return;
        }
        begin_node(reading, name, attributes);
    } else {
        begin_property(reading, name, attributes);
    }
}

static void on_end(void *context, const XML_Char *name)
{
    struct reading *reading = context;
    (void)name;
    if (reading->error != 0 || reading->depth == 0) {
        return; /* of rdf:RDF */
    }
    struct frame *frame = &reading->frames[--reading->depth];
    if (frame->kind == FRAME_PROPERTY) {
        end_property(reading, frame);
    }
    memory_free(frame->subject);
    memory_free(frame->predicate);
    memory_free(frame->lang);
}

static void on_text(void *context, const XML_Char *text, int len)
{
    struct reading *reading = context;
    if (reading->depth > 0 && reading->frames[reading->depth - 1].kind == FRAME_PROPERTY) {
        buf_append(&reading->text, text, (size_t)len);
    }
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(context, ERR_XML_DTD); /* its entities could grow without a bound, and name files */
}

int rdf_read_xml(struct rdf_graph **out, long *line, struct view text)
{
    *out = NULL;
    *line = 0;
    if (text.len > RDF_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    struct reading *reading = memory_alloc(sizeof *reading);
    reading->graph = rdf_graph_new();
    /* With NUL between namespace and name expat puts them together, as RDF has it. */
    reading->parser = memory_must(XML_ParserCreateNS(NULL, '\0'));
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    enum XML_Status status =
        XML_Parse(reading->parser, (const char *)text.data, (int)text.len, XML_TRUE);
    int error = reading->error != 0       ? reading->error
                : status != XML_STATUS_OK ? ERR_ENCODING
                : !reading->root_seen     ? ERR_ENCODING
                                          : 0;
    *line = error == 0 ? 0 : (long)XML_GetCurrentLineNumber(reading->parser);
    XML_ParserFree(reading->parser);
    while (reading->depth > 0) {
        struct frame *frame = &reading->frames[--reading->depth];
        memory_free(frame->subject);
        memory_free(frame->predicate);
        memory_free(frame->lang);
    }
    buf_free(&reading->text);
    if (error == 0) {
        rdf_graph_close(reading->graph);
        *out = reading->graph;
    } else {
        rdf_graph_free(&reading->graph);
    }
    memory_free(reading);
    return error;
}
