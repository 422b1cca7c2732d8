-- Open videos are looked at in groups, those whose time has come; polls ending anew touch a small index alone.
create index generation_due on generation (next_poll_at) where state = 'submitted';
