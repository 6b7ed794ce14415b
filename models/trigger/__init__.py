"""IF, THEN: rules on values, what their alerts may lead to, and who may say so."""
