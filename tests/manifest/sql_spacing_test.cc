#include "manifest/sql_spacing.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weir::manifest {
namespace {

TEST(SqlSpacing, OneSpacing) {
  struct Case {
    const char* name;
    const char* sql;
    const char* expected;
  };
  const Case cases[] = {
      {"nothing", "", ""},
      {"white space alone", " \n\t", ""},
      {"runs, and both ends", "\n  select\t a\r\n  from  b \n", "select a from b"},
      {"brackets and commas", "count ( * ) , b in(1, 2)", "count(*),b in(1,2)"},
      {"words stay apart", "is not null", "is not null"},
      {"quoted text", "a =  'x  ( y'  and \"b  c\" = `d  e`", "a = 'x  ( y' and \"b  c\" = `d  e`"},
      {"a doubled quote", "a = 'it''s  so'  or  b", "a = 'it''s  so' or b"},
      {"a comment ends with its line", "select 1  -- a  b\n   where  false", "select 1 -- a  b\n where false"},
      {"a comment of several lines", "select  /* don't\n  look */  1", "select /* don't\n  look */ 1"},
      {"a comment of Jinja", "{#  don't  #}  select   1", "{#  don't  #} select 1"},
      {"an apostrophe in a comment", "-- don't\nselect   1", "-- don't\nselect 1"},
      {"a hash may be a comment", "select  1 # it's\n  , 2", "select 1 # it's\n,2"},
  };
  for (const Case& one : cases) EXPECT_EQ(WithoutSpacing(one.sql), one.expected) << one.name;
}

TEST(SqlSpacing, WhatCannotBeToldIsKept) {
  for (const char* sql : {"a = 'it\\'s  b'", "x  = 'a''' ", "do $$  x  $$", "a =  'never", "/*  never", "\"  never"}) {
    EXPECT_EQ(WithoutSpacing(sql), sql);
  }
}

// Once more changes nothing, and no letter is lost or comes to it.
TEST(SqlSpacing, IsStable) {
  std::mt19937 random(7);
  const std::string letters = " \n\t(),ab'\"`-/*#{}=";
  for (int i = 0; i < 20'000; ++i) {
    std::string sql;
    for (int j = 0; j < 14; ++j) sql += letters[random() % letters.size()];
    const std::string once = WithoutSpacing(sql);
    EXPECT_EQ(WithoutSpacing(once), once) << sql;
    std::string expected = sql, found = once;
    for (std::string* text : {&expected, &found}) std::erase_if(*text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
    EXPECT_EQ(found, expected) << sql;
  }
}

}  // namespace
}  // namespace weir::manifest
