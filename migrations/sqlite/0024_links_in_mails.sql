-- The link to set a password is put into a mail when it is sent, and stands nowhere afterwards.
UPDATE mails SET text_body = 'The link of this mail is kept no more.', html_body = '<h1>The link of this mail is kept no more.</h1>'
WHERE kind IN ('invitation', 'password_reset') AND state IN ('sent', 'failed', 'kept');
