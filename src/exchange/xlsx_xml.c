/* XML by expat. A handler's error stops the parser; so do a document type declaration (entities
 * come by no other way), elements nested too deep, and a token that goes on and on: expat reads an
 * unfinished token from its start with every piece. */
#include "exchange/xlsx_parts.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <expat.h>
#include <string.h>

struct xml {
    XML_Parser parser;
    const struct xlsx_events *events;
    void *context;
    size_t depth;
    int64_t given; /* bytes */
    int error;
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

static void stop(struct xml *xml, int error)
{
    if (error != 0 && xml->error == 0) {
        xml->error = error;
        (void)XML_StopParser(xml->parser, XML_FALSE);
    }
}

static void XMLCALL on_open(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct xml *xml = context;
    if (xml->error != 0) {
        return;
    }
    stop(xml,
         ++xml->depth > SHEET_XML_DEPTH_MAX
             ? ERR_SHEET_FORM
             : xml->events->open(xml->context, local_name(name), (const char *const *)attributes));
}

static void XMLCALL on_close(void *context, const XML_Char *name)
{
    struct xml *xml = context;
    if (xml->error == 0) {
        xml->depth--;
        stop(xml, xml->events->close(xml->context, local_name(name)));
    }
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
    struct xml *xml = context;
    if (xml->error == 0 && xml->events->text != NULL) {
        stop(xml, xml->events->text(xml->context, view_of(text, (size_t)len)));
    }
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    stop(context, ERR_SHEET_FORM);
}

static int on_piece(void *context, struct view piece)
{
    struct xml *xml = context;
    bool good =
        XML_Parse(xml->parser, (const char *)piece.data, (int)piece.len, 0) == XML_STATUS_OK;
    if (!good) {
        return xml->error != 0 ? xml->error : ERR_SHEET_FORM;
    }
    xml->given += (int64_t)piece.len;
    bool endless = xml->given - XML_GetCurrentByteIndex(xml->parser) > SHEET_XML_TOKEN_BYTES_MAX;
    return endless ? ERR_SHEET_LARGE : 0;
}

int xlsx_xml_read(struct xlsx_parts *parts, const char *name, const struct xlsx_events *events,
                  void *context)
{
    struct xml xml = {
        .parser = memory_must(XML_ParserCreate(NULL)), .events = events, .context = context};
    XML_SetUserData(xml.parser, &xml);
    XML_SetElementHandler(xml.parser, on_open, on_close);
    XML_SetCharacterDataHandler(xml.parser, on_text);
    XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
    int error = xlsx_parts_read(parts, name, on_piece, &xml);
    if (error == 0 && XML_Parse(xml.parser, "", 0, 1) != XML_STATUS_OK) {
        error = xml.error != 0 ? xml.error : ERR_SHEET_FORM;
    }
    XML_ParserFree(xml.parser);
    return error;
}

const char *xlsx_xml_attribute(const char *const *attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(local_name(attributes[i]), name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}
