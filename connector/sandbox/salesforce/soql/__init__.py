"""SOQL: text -> syntax tree -> parametrised SQL and a plan for shaping the rows.

Used by the query resource. It knows the org's schema and the clock's time, nothing of HTTP.
"""
