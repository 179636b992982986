# What the counter tells customers. One sentence for a reason, and what to do about it (.remedy).

## Counting

points = { $count ->
    [one] { $number } point
   *[other] { $number } points
}
list-separator = {", "}
no-methods = none

## Why a tender cannot be used

tender-seller_platform = { $subject } cannot pay for goods that the market sells itself.
    .remedy = Pay for this item by { $methods }.
tender-seller_store = { $subject } cannot pay for goods of stores.
    .remedy = Pay for this item by { $methods }.
tender-seller_individual = { $subject } cannot pay for goods of private sellers.
    .remedy = Pay for this item by { $methods }.
tender-physical_line = { $subject } cannot pay for goods that are shipped.
    .remedy = Pay for this item by { $methods }.
tender-digital_line = { $subject } cannot pay for digital goods.
    .remedy = Pay for this item by { $methods }.
tender-membership = { $subject } cannot pay for memberships.
    .remedy = Pay for the membership by { $methods }.
tender-gift_card_line = { $subject } cannot buy gift cards.
    .remedy = Pay for the gift card by { $methods }.
tender-shipping_not_payable = { $subject } cannot pay for shipping ({ $amount }).
    .remedy = Pay for shipping by { $methods }.
tender-fee_not_payable = { $subject } cannot pay the fee ({ $fee }).
    .remedy = Pay the fee separately, or choose a way to pay that has none.
tender-not_linked = { $subject } cannot be used because the account is not linked.
    .remedy = Link the account to use it.
tender-needs_linked_jcb_card = { $subject } can be used only when you pay with a linked JCB card.
    .remedy = Choose your linked JCB card to pay with.
tender-needs_method = { $subject } can be used only when you pay by { $method }.
    .remedy = Choose { $method } to pay with.
tender-no_balance = There is nothing to use in { $subject }.
    .remedy = Add to the balance, or choose another way to pay.
tender-insufficient_balance = { $subject } of { $held } is { $missing } short.
    .remedy = Add at least { $missing } to the balance, or choose a way to pay the rest.
tender-insufficient_for_shipping = { $subject } of { $held } covers the goods, but with shipping it is { $missing } short.
    .remedy = Add at least { $missing } to the balance, or choose a way to pay the rest.
tender-insufficient_points = { $subject }: { $held } held, { $missing } short.
    .remedy = Choose a way to pay the rest.
tender-no_points = There are no { $subject } to use.
    .remedy = Choose another way to pay.
tender-less_than_asked = You asked for { $asked } of { $subject }, but hold { $held }.
    .remedy = You can use as much as you hold.
tender-capped = You asked for { $asked } of { $subject }, but this order can take { $used } of it.
    .remedy = What was not used stays in your balance.
tender-expired = { $amount } of { $subject } expired on { $expired_at }.
    .remedy = What has expired cannot be used. Choose another way to pay.
tender-not_yet_available = { $amount } of { $subject } can be used from { $available_at }.
    .remedy = Order after { $available_at } to use it.
tender-method_missing = No way to pay was chosen, and { $due } is left to pay.
    .remedy = You can pay by: { $methods }.
tender-method_missing_split = No way to pay was chosen, and { $due } is left to pay. No single way to pay takes all of it.
    .remedy = Split the order, and choose a way to pay for each part.
tender-method_not_accepted = { $subject } cannot be used for this order.
    .remedy = You can pay by: { $methods }.
tender-method_not_accepted_line = { $subject } cannot pay for this item.
    .remedy = You can pay by: { $methods }.

method-card = card
method-cod = cash on delivery
method-konbini = konbini
method-deferred = deferred payment

## Why a coupon cannot be used

coupon-not_held = You do not hold the coupon “{ $subject }”.
    .remedy = Get the coupon first, then use it.
coupon-unknown = There is no coupon “{ $subject }”.
    .remedy = Check the coupon's code.
coupon-not_started = The coupon “{ $subject }” can be used from { $starts_at }.
    .remedy = Order after { $starts_at }.
coupon-expired = The coupon “{ $subject }” ended on { $ended_at }.
    .remedy = Choose another coupon.
coupon-min_spend = The coupon “{ $subject }” needs { $minimum } of the goods it is for; there is { $spend } so far.
    .remedy = Add { $missing } or more of the goods it is for.
coupon-no_target_item = Nothing that the coupon “{ $subject }” is for is in the cart.
    .remedy = Put what it is for ({ $target }) in the cart.
coupon-customer_limit = { $count ->
    [one] The coupon “{ $subject }” can be used once by each customer, and you have used it.
   *[other] The coupon “{ $subject }” can be used { $limit } times by each customer, and you have used it up.
}
    .remedy = Choose another coupon.
coupon-quota_used_up = The coupon “{ $subject }” was for the first { $quota } uses, which are used up.
    .remedy = Choose another coupon.
coupon-not_combinable = The coupon “{ $subject }” cannot be used together with “{ $with }”.
    .remedy = To use “{ $subject }”, take “{ $with }” away.
coupon-rank = The coupon “{ $subject }” is for members of rank { $ranks }.
    .remedy = Choose another coupon.
coupon-first_order_only = The coupon “{ $subject }” is for a first order.
    .remedy = Choose another coupon.
coupon-nothing_left = There was nothing left for the coupon “{ $subject }” to take off, so it was not used.
    .remedy = Keep the coupon for your next order.

coupon-no_shipping_left = There was no shipping for the coupon “{ $subject }” to make free, so it was not used.
    .remedy = Keep the coupon for your next order.

target-market = goods of the market
target-store = goods of { $store }

## Why nothing is earned

earning-below_minimum = { $subject } are earned from { $minimum } of eligible goods; there is { $spend } so far.
    .remedy = Add { $missing } or more of eligible goods to earn them.
earning-not_linked = { $subject } are not earned because the account is not linked; you miss { $missed }.
    .remedy = Link the account before you order.
earning-not_linked_no_miss = { $subject } are not earned because the account is not linked.
    .remedy = Link the account before you order.
earning-cap_payment = { $subject } are earned up to { $cap } for one payment (it would have been { $would }).
    .remedy = The cap depends on your rank in { $subject }.
earning-cap_month = { $subject } are earned up to { $cap } a month, of which { $left } is left (it would have been { $would }).
    .remedy = Next month you can earn up to { $cap } again.

## The receipt

receipt-title = Quote
receipt-market = { $market } ({ $at }, version { $version })
receipt-goods = Goods
receipt-coupon = Coupon { $name }
receipt-shipping = Shipping, { $seller }
receipt-shipping-short = Shipping, { $seller } (free with { $missing } more)
receipt-shipping-threshold = Shipping, { $seller } (free from { $from })
receipt-shipping-coupon = Shipping, { $seller } (free by coupon “{ $coupon }”)
receipt-fee = Fee, { $method }
receipt-total = Total
receipt-tax = of which tax at { $rate }%
receipt-payment = Payment
receipt-points-used = { $name }, { $points }
receipt-due = Unpaid (the order cannot be placed like this)
receipt-earn = Points to come
receipt-available = usable from { $available_at }
receipt-available-shipment = usable { $days } days after shipment
receipt-available-on-shipment = usable when shipped
receipt-until = until { $expires_at }
receipt-refusals = Not used, and what to do
receipt-for-line = item { $line }
receipt-nothing-earned = No points are earned

receipt-line-of = { $sku } × { $quantity }, { $seller }
receipt-earn-coupons = lowered from { $before } by coupons
receipt-earn-rule = { $program }, { $rule }
receipt-kind = { $name } ({ $kind })

kind-limited = limited
kind-exchanged = exchanged
kind-ordinary = ordinary

## The best plan

plan-aim-least_cash = Plan: the choice with which you pay least yourself ({ $cash }; it earns points worth { $earned }). The real cost, { $total } less these points, is { $value }.
plan-aim-most_value = Plan: the choice with the least real cost, { $value }: { $total } less points worth { $earned }.
plan-aim-save_points = Plan: of stored value it uses only what soon expires, with the least real cost, { $value } ({ $total } less points worth { $earned }).
plan-proven = There is no better choice: all were checked.
plan-gap = Not all choices could be checked. A better one would save { $gap } at most.
plan-coupons = Coupons used: { $coupons }
plan-runner-up = The next best is { $coupons }: you pay { $cash } ({ $cash_more }), the real cost is { $value } ({ $value_more }).
plan-no-runner-up = There is no other choice.
plan-left-out = With the coupon “{ $coupon }” as well you would pay { $cash } ({ $cash_more }), at a real cost of { $value } ({ $value_more }).
plan-left-out-instead = The coupon “{ $coupon }” would mean giving up { $instead_of }: you would pay { $cash } ({ $cash_more }), at a real cost of { $value } ({ $value_more }).
plan-hint-shipping = { $missing } more of goods of { $seller } would make shipping free and save { $saves }.
plan-hint-coupon = { $missing } more of the goods it is for would let you use the coupon “{ $coupon }” and save { $saves }.

## The books

ledger-entries = Entries
ledger-no-entries = No entry
ledger-balances = Balances
ledger-balance = { $name }: { $available } usable, { $pending } pending, { $announced } announced, { $expired } expired
ledger-owed = { $name }: { $owed } owed, which the next ones pay off
ledger-no-balances = None yet
ledger-order = Order { $number }: { $state } ({ $sellers })
ledger-seller = { $seller } { $state }
ledger-payment = Payment by { $method }: { $state }. Promised { $promised }, received { $received }, refunded { $refunded }

entry-order_placed = Order placed
entry-granted = Granted
entry-paid = Paid
entry-cancelled = Cancelled
entry-refunded = Refunded
entry-taken_back = Taken back
entry-debt_paid = Debt paid off
entry-expired = Expired
entry-adjusted = Balance corrected
entry-cards_issued = Gift cards issued
entry-card_redeemed = Gift card redeemed
entry-cards_expired = Gift cards expired
entry-partner_settled = Settled with the partner

state-placed = placed
state-preparing = preparing
state-shipped = shipped
state-delivered = delivered
state-cancelled = cancelled

payment-asking = being asked for
payment-awaiting_payment = awaited
payment-authorised = authorised
payment-paid = paid
payment-refused = refused

account-wallet = { $name } held by the customer
account-debt = { $name } owed by the customer
account-granted = where { $name } are granted from
account-spent = { $name } spent
account-expired = { $name } expired
account-adjusted = { $name } corrected
account-cards_open = gift cards not redeemed ({ $name })
account-cards_issued = gift cards issued ({ $name })
account-cards_expired = gift cards that nobody redeemed in time ({ $name })
account-partner = claims on the partner of { $name }
account-partner_member = the customer’s { $name } at the partner
account-program = paid with { $name }
account-method-promised = promised by { $name }
account-method-received = received by { $name }
account-seller = owed to { $name }
account-fees = fees

## The life of an order

life-coupon = The customer gets the coupon “{ $coupon }”.
life-card_issued = A gift card of { $amount } is issued.
life-card_redeemed = The customer redeems the gift card. The balance can be used until { $until }.
life-linked = The customer links { $program }. The partner says that there are { $points }.
life-granted = { $name }: { $points } are granted.
life-granted-until = { $name }: { $points } are granted, to be used until { $until }.
life-quoted = The quote: goods { $goods }, coupons { $coupons }, shipping { $shipping }, { $total } in all. Payment: { $tenders }.
life-placed = The order is placed ({ $total } in all). The card’s provider promises { $promised }.
life-cancelled = The customer cancels { $sku } before anyone prepares it: { $net } less ({ $parts }). Shipping is not reckoned again.
life-prepared = The sellers begin to prepare.
life-shipped = { $seller } ships. The card pays { $amount } for it.
life-shipped-paid = { $seller } ships. Stored value has paid for it already.
life-delivered = All parcels have arrived.
life-return_requested = The customer wants to return { $sku }, having changed their mind. The return number is { $number }.
life-return_received = What was sent back has arrived.
life-return_inspected = It was looked at. As it was opened, { $deduction } is kept back.
life-return_refunded = Of { $net } returned, { $deducted } is kept back; the rest is refunded ({ $parts }). The points earned with it are taken back.
life-available = Time passes: points that were pending can be used. Balances follow from dates, so no entry is needed.
life-expired = Time passes: what was not used has expired.
life-verified = The books were checked: every balance was made anew from { $entries } entries ({ $postings } postings) and agrees with what is kept.
life-differs = The books differ: { $differences }

## Why something cannot be done, as customers read it

problem-too_late_to_cancel = It is being prepared for shipping and cannot be cancelled any more. You can send it back once it has arrived.
problem-never_cancelled = This item cannot be cancelled.
problem-nothing_left = There is nothing left to do it with.
problem-wrong_quantity = There are not that many.
problem-not_delivered = It has not arrived yet.
problem-return_window_over = The time for returning it is over.
problem-never_returned = This item cannot be returned.
problem-reason_not_accepted = The shop does not take goods back for this reason.
problem-wrong_return_state = This return has gone further already.
problem-wrong_payment_state = As the payment stands, this cannot be done now.
problem-wrong_state = As the order stands, this cannot be done now.
problem-quote_changed = A price, a balance or a condition has changed. Please look at the new quote. Nothing has been taken.
problem-payment_refused = The payment was not approved. The order was not placed, and everything was given back.
problem-changed = It has changed since you looked at it. Please look again.
problem-gift_card_unknown = This gift code could not be found. Please check its letters.
problem-gift_card_already_used_by_you = You have added this gift code to your balance already.
problem-gift_card_already_used = This gift code has been used.
problem-gift_card_expired = This gift code has expired.
problem-gift_card_not_yet_active = This gift code cannot be used yet.
problem-too_many = There were too many tries in a short time. Please try again later.
problem-already_linked = It is linked already.
problem-party_refused = The partner said no.
problem-party_unavailable = The partner cannot be reached. Please try again later.
problem-case_moved = Something new was said on this case. Please look at it and try again.
problem-case_closed = This case is closed. Please write to us in a new one.
problem-case_merged = This case has been merged into another one, and goes on there.
problem-case_taken = Somebody else is working on it.
problem-case_not_now = As the case stands, this cannot be done now.
problem-case_full = This case has become too long to go on. Please write to us in a new one.
problem-too_many_attachments = No more files can be attached to this case.
problem-nothing_escalated = Nothing waits to be taken over.
problem-merged_with_itself = A case cannot be merged into itself.
problem-not_merged = The case was not merged.
problem-merge_too_long_ago = It was merged more than 24 hours ago.
problem-action_decided = It was decided already.
problem-same_person = You cannot agree to what you asked for.
problem-needs_second_person = This is above what one person may decide. A second person has to agree.
problem-already_decided = It has been agreed to or turned down already.
problem-chat_ended = This chat has ended. Please write on the page of its case.
problem-chat_not_yours = Somebody else is in this chat.
problem-chat_taken = Somebody else was faster and has taken this chat.
problem-chat_too_many_listen = This chat is open in too many windows. Please close the others.
problem-chat_full = This chat has become too long to go on. Please write on the page of its case.
problem-agent_busy = You have said that you take nothing new. Say that you are ready first.
problem-chats_enough = You have as many chats as you take at once. End one first.
problem-not_at_the_desk = Say first that you are at the desk.
problem-attachment_too_large = The file is too large.
problem-attachment_type = Files of this kind cannot be attached. Please choose a picture (JPEG or PNG).
problem-attachment_empty = The file is empty.
problem-attachment_two_files = The file has something else behind its picture. Please save the picture anew and try again.
problem-attachment_too_many_pixels = The picture has too many pixels. Please make it smaller.
problem-attachment_unreadable = The file could not be opened. Please check that it is not damaged.
problem-template_undefined = Something that the template needs is not known.
problem-number_region = We cannot call numbers of this region.
problem-number_kind = We cannot call numbers of this kind.
problem-number_not_verified = The number has not been verified yet. Please enter the code first.
problem-number_not_called = We cannot call this number. Please choose another way to reach us.
problem-calls_used_up = No more calls can be made today. Please choose another way to reach us.
problem-callback_state = As the call stands, this cannot be done now.
problem-callback_of_another = Somebody else has this call.
problem-callback_closed = This call-back is over.
problem-callback_too_late = The time to accept is over; the call has gone to somebody else.
problem-callback_no_attempt_left = The call has been tried as often as it may be.
problem-callback_words_not_said = Say the two words first.
problem-verification_wrong = This is not the code that we sent. Please check it again.
problem-verification_tried_too_often = The code was tried too often. Please ask for another one.
problem-verification_no_code = There is no code that is good. Please ask for another one.
problem-check_not_there = The check has gone on meanwhile. Please look at it again.
problem-key_reused = The same form was sent before with something else in it. Please open the page again.
## Why there is no tracking number yet

no-number-cancelled = What { $seller } was to send is cancelled and will not be sent.
no-number-cancelled-do = The order's page shows how the refund stands.
no-number-digital = What { $seller } sells here is digital or a membership: there is no parcel and no tracking number.
no-number-digital-do = You find it on the order's page.
no-number-waiting_for_payment = The payment is not confirmed yet. It is prepared once it is.
no-number-waiting_for_payment-do = If you have not paid yet, please pay before the deadline.
no-number-just_ordered = The order was placed a short while ago, and { $seller } has not sent it. The tracking number comes when it is sent.
no-number-just_ordered-do = You need not do anything now.
no-number-preparing = { $seller } is preparing it. The tracking number comes when it is sent.
no-number-preparing-do = You need not do anything now.
no-number-delayed = { $seller } takes longer than usual to send it.
no-number-delayed-do = We are sorry for the delay.
no-number-individual_seller = A private person sends this. It may come in a way that cannot be tracked, and there may never be a tracking number.
no-number-individual_seller-do = The seller chooses how it is sent.
no-number-carrier_not_updated = It has left, and the carrier has not said anything yet. That can take from half a day to a day and a half.
no-number-carrier_not_updated-do = Please wait a little longer.
no-number-number_not_given = { $seller } says that it was sent, and has given no tracking number.
no-number-number_not_given-do = { $seller } knows the number.
no-number-not_handed_over = There is a tracking number, and the carrier has no record of it. It may not have been handed over yet.
no-number-not_handed_over-do = This takes longer than usual.
no-number-ordinary_mail = It was sent by ordinary mail or another way without tracking. There is no tracking number.
no-number-ordinary_mail-do = Please look in your post box.
no-number-unsupported_carrier = It is with a carrier whose parcels cannot be followed here.
no-number-unsupported_carrier-do = Please ask the carrier.
no-number-number_wrong = The tracking number cannot be one of { $carrier }. It was probably mistyped.
no-number-number_wrong-do = { $seller } knows the right number.
no-number-look-again = Please look again after { $again }.
no-number-ask-seller = If it is urgent, please ask { $seller }.

parcel-carrier = the carrier
parcel-pending = Waiting for news of the carrier
parcel-info_received = The carrier knows of it
parcel-in_transit = On its way
parcel-out_for_delivery = Out for delivery
parcel-attempt_failed = It could not be delivered: nobody was in, for instance
parcel-available_for_pickup = It waits to be picked up
parcel-exception = Something is wrong with the delivery
parcel-expired = The carrier has not said anything for a long time
parcel-delivered = Delivered
parcel-returned = Sent back to the sender

redelivery-how = Your wish is noted, and the seller and the market know of it. The carrier does not know of it yet: please ask for it on the carrier's page too, or by the phone number on the slip.

## Tables of help

help-none = none
help-fees = fees
help-shipping-none = ¥0
help-never-free = never free
help-free-from = { $amount } or more
help-points-from = { $amount } or more
help-times = ×{ $amount }
help-stars = { $stars ->
    [one] 1 star
   *[other] { $stars } stars
}
help-days = { $from } to { $to } days
help-days-within = same day, at most { $to ->
    [one] 1 day
   *[other] { $to } days
}
help-days-exactly = { $to ->
    [one] 1 day
   *[other] { $to } days
}
help-hours-always = round the clock, every day
help-every-day = every day
help-day-1 = Monday
help-day-2 = Tuesday
help-day-3 = Wednesday
help-day-4 = Thursday
help-day-5 = Friday
help-day-6 = Saturday
help-day-7 = Sunday
help-head-seller = seller
help-head-shipping = shipping
help-head-free = free from
help-head-method = payment method
help-head-fee = fee
help-head-not = does not pay
help-head-program = balance or points
help-head-paid-by = refund to
help-head-days = usual time
help-head-rank = rank
help-head-earned = earned in the last three months
help-head-times = multiplier
help-head-cap = cap per payment
help-head-cap-month = cap per month
help-seller-platform = goods of the mall itself
help-seller-store = goods of stores
help-seller-individual = goods of private sellers
help-item-physical = goods that are shipped
help-item-digital = digital goods
help-item-membership = membership fees
help-item-gift_card = buying gift cards
