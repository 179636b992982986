-- How many chats somebody of the desk has, for what is offered to customers.
CREATE INDEX chats_of_agents ON chats (staff_id) WHERE state IN ('assigned', 'active');
