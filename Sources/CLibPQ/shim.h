#ifndef SLICEHOUSE_CLIBPQ_H
#define SLICEHOUSE_CLIBPQ_H

#include <libpq-fe.h>

// PG_DIAG_* are character constants, which Swift does not import.
static const int clibpq_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int clibpq_diag_message_primary = PG_DIAG_MESSAGE_PRIMARY;
static const int clibpq_diag_message_detail = PG_DIAG_MESSAGE_DETAIL;
static const int clibpq_diag_message_hint = PG_DIAG_MESSAGE_HINT;
static const int clibpq_diag_statement_position = PG_DIAG_STATEMENT_POSITION;
static const int clibpq_diag_context = PG_DIAG_CONTEXT;
static const int clibpq_diag_table_name = PG_DIAG_TABLE_NAME;
static const int clibpq_diag_column_name = PG_DIAG_COLUMN_NAME;
static const int clibpq_diag_constraint_name = PG_DIAG_CONSTRAINT_NAME;

#endif
