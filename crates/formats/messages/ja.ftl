# 帳場がお客様に伝える文。一つの理由に一つの文と、その対処(.remedy)。

## 数え方

points = { $number }ポイント
list-separator = 、
no-methods = 該当なし

## 支払い手段を使えない理由

tender-seller_platform = { $subject }は、モール直販の商品には使えません。
    .remedy = この商品は{ $methods }でお支払いください。
tender-seller_store = { $subject }は、ショップの商品には使えません。
    .remedy = この商品は{ $methods }でお支払いください。
tender-seller_individual = { $subject }は、個人が出品する商品には使えません。
    .remedy = この商品は{ $methods }でお支払いください。
tender-physical_line = { $subject }は、配送する商品には使えません。
    .remedy = この商品は{ $methods }でお支払いください。
tender-digital_line = { $subject }は、デジタル商品には使えません。
    .remedy = この商品は{ $methods }でお支払いください。
tender-membership = { $subject }は、会費のお支払いには使えません。
    .remedy = 会費は{ $methods }でお支払いください。
tender-gift_card_line = { $subject }で、ギフトカードを買うことはできません。
    .remedy = ギフトカードは{ $methods }でお支払いください。
tender-shipping_not_payable = { $subject }は、送料({ $amount })には使えません。
    .remedy = 送料は{ $methods }でお支払いください。
tender-fee_not_payable = { $subject }は、手数料({ $fee })には使えません。
    .remedy = 手数料は別にお支払いいただくか、手数料のかからないお支払い方法をお選びください。
tender-not_linked = { $subject }のアカウントが連携されていないため、使えません。
    .remedy = アカウントを連携すると使えるようになります。
tender-needs_linked_jcb_card = { $subject }は、連携済みのJCBカードでお支払いのときだけ使えます。
    .remedy = お支払い方法に、連携済みのJCBカードをお選びください。
tender-needs_method = { $subject }は、{ $method }でお支払いのときだけ使えます。
    .remedy = お支払い方法に{ $method }をお選びください。
tender-no_balance = { $subject }に使える分がありません。
    .remedy = 残高を追加するか、ほかのお支払い方法をお選びください。
tender-insufficient_balance = { $subject }は{ $held }で、{ $missing }足りません。
    .remedy = 残高を{ $missing }以上追加するか、残りを払えるお支払い方法をお選びください。
tender-insufficient_for_shipping = { $subject }は{ $held }で、商品代金には足りますが、送料を含めると{ $missing }足りません。
    .remedy = 残高を{ $missing }以上追加するか、残りを払えるお支払い方法をお選びください。
tender-insufficient_points = { $subject }は{ $held }で、{ $missing }足りません。
    .remedy = 残りを払えるお支払い方法をお選びください。
tender-no_points = 使える{ $subject }がありません。
    .remedy = ほかのお支払い方法をお選びください。
tender-less_than_asked = { $subject }は{ $asked }のご指定でしたが、お持ちなのは{ $held }です。
    .remedy = お持ちの分までお使いいただけます。
tender-capped = { $subject }は{ $asked }のご指定でしたが、このご注文に使えるのは{ $used }までです。
    .remedy = 使わなかった分は残高に残ります。
tender-expired = { $subject }のうち{ $amount }は、{ $expired_at }に有効期限が切れました。
    .remedy = 有効期限の切れた分は使えません。ほかのお支払い方法をお選びください。
tender-not_yet_available = { $subject }のうち{ $amount }は、{ $available_at }から使えます。
    .remedy = { $available_at }以降にご注文いただくと使えます。
tender-method_missing = お支払い方法が選ばれていないため、{ $due }が未払いです。
    .remedy = ご利用いただけるお支払い方法:{ $methods }。
tender-method_missing_split = お支払い方法が選ばれていないため、{ $due }が未払いです。すべてを払えるお支払い方法が一つもありません。
    .remedy = ご注文を分けて、それぞれに使えるお支払い方法をお選びください。
tender-method_not_accepted = { $subject }は、このご注文では使えません。
    .remedy = ご利用いただけるお支払い方法:{ $methods }。
tender-method_not_accepted_line = { $subject }では、この商品の分を払えません。
    .remedy = ご利用いただけるお支払い方法:{ $methods }。

method-card = クレジットカード
method-cod = 代金引換
method-konbini = コンビニ払い
method-deferred = 後払い

## クーポンを使えない理由

coupon-not_held = クーポン「{ $subject }」をお持ちではありません。
    .remedy = 獲得してからお使いください。
coupon-unknown = クーポン「{ $subject }」はありません。
    .remedy = クーポンのコードをご確認ください。
coupon-not_started = クーポン「{ $subject }」は、{ $starts_at }から使えます。
    .remedy = { $starts_at }以降にご注文ください。
coupon-expired = クーポン「{ $subject }」は、{ $ended_at }で終了しました。
    .remedy = ほかのクーポンをお選びください。
coupon-min_spend = クーポン「{ $subject }」は、対象商品{ $minimum }以上で使えます。いまは{ $spend }です。
    .remedy = 対象商品をあと{ $missing }以上追加すると使えます。
coupon-no_target_item = クーポン「{ $subject }」の対象商品がカートにありません。
    .remedy = 対象商品({ $target })をカートに入れると使えます。
coupon-customer_limit = クーポン「{ $subject }」は、お一人様{ $limit }回までです。すでにお使いになりました。
    .remedy = ほかのクーポンをお選びください。
coupon-quota_used_up = クーポン「{ $subject }」は、先着{ $quota }回に達したため終了しました。
    .remedy = ほかのクーポンをお選びください。
coupon-not_combinable = クーポン「{ $subject }」は、「{ $with }」と一緒には使えません。
    .remedy = 「{ $subject }」を使うには、「{ $with }」を外してください。
coupon-rank = クーポン「{ $subject }」は、会員ランク{ $ranks }の方が使えます。
    .remedy = ほかのクーポンをお選びください。
coupon-first_order_only = クーポン「{ $subject }」は、初めてのご注文で使えます。
    .remedy = ほかのクーポンをお選びください。
coupon-nothing_left = クーポン「{ $subject }」で値引きできる金額が残っていないため、使いませんでした。
    .remedy = このクーポンは次のご注文にお使いください。

coupon-no_shipping_left = クーポン「{ $subject }」の対象に送料がかからないため、使いませんでした。
    .remedy = このクーポンは次のご注文にお使いください。

target-market = モールの商品
target-store = { $store }の商品

## ポイントが付かない理由

earning-below_minimum = { $subject }は、対象商品{ $minimum }以上のお支払いで付きます。いまは{ $spend }です。
    .remedy = 対象商品をあと{ $missing }以上追加すると付きます。
earning-not_linked = { $subject }のアカウントが連携されていないため、付くはずの{ $missed }が付きません。
    .remedy = ご注文の前にアカウントを連携してください。
earning-not_linked_no_miss = { $subject }のアカウントが連携されていないため、付きません。
    .remedy = ご注文の前にアカウントを連携してください。
earning-cap_payment = { $subject }は、1回のお支払いで{ $cap }までです(上限がなければ{ $would })。
    .remedy = 上限は{ $subject }のランクによって決まります。
earning-cap_month = { $subject }は、1か月に{ $cap }までです。今月付くのはあと{ $left }です(上限がなければ{ $would })。
    .remedy = 来月のご注文では、また{ $cap }まで付きます。

## 領収の写し

receipt-title = お見積り
receipt-market = { $market }({ $at }、版 { $version })
receipt-goods = 商品
receipt-coupon = クーポン { $name }
receipt-shipping = 送料 { $seller }
receipt-shipping-short = 送料 { $seller }(あと{ $missing }で無料)
receipt-shipping-threshold = 送料 { $seller }({ $from }以上で無料)
receipt-shipping-coupon = 送料 { $seller }(クーポン「{ $coupon }」で無料)
receipt-fee = 手数料 { $method }
receipt-total = 合計
receipt-tax = うち消費税 { $rate }%
receipt-payment = お支払い
receipt-points-used = { $name } { $points }
receipt-due = 未払い(このままでは注文できません)
receipt-earn = 付与予定のポイント
receipt-available = { $available_at }から使えます
receipt-available-shipment = 発送の{ $days }日後から使えます
receipt-available-on-shipment = 発送時に使えるようになります
receipt-until = { $expires_at }まで
receipt-refusals = 使えなかったもの・ご案内
receipt-for-line = 商品{ $line }
receipt-nothing-earned = 付与されるポイントはありません

receipt-line-of = { $sku } × { $quantity }  { $seller }
receipt-earn-coupons = クーポン利用により{ $before }から減りました
receipt-earn-rule = { $program } { $rule }
receipt-kind = { $name }({ $kind })

kind-limited = 期間限定
kind-exchanged = 交換
kind-ordinary = 通常

## 最適なお支払いプラン

plan-aim-least_cash = プラン:お支払い方法での支払いが最も少なくなる組み合わせです({ $cash })。合計{ $total }から付与ポイント{ $earned }相当を引いた実質は{ $value }です。
plan-aim-most_value = プラン:合計{ $total }から付与ポイント{ $earned }相当を引いた実質{ $value }が最も少なくなる組み合わせです。
plan-aim-save_points = プラン:まもなく期限の切れる分だけを使い、実質{ $value }(合計{ $total }、ポイント付与は{ $earned }相当)が最も少なくなる組み合わせです。
plan-proven = これより良い組み合わせはありません(すべて確かめました)。
plan-gap = すべては確かめられませんでした。これより良い組み合わせがあっても、差は{ $gap }までです。
plan-coupons = 使うクーポン:{ $coupons }
plan-runner-up = 次に良い組み合わせは{ $coupons }で、支払い{ $cash }({ $cash_more })、実質{ $value }({ $value_more })です。
plan-no-runner-up = ほかに選べる組み合わせはありません。
plan-left-out = クーポン「{ $coupon }」も使うと、支払い{ $cash }({ $cash_more })、実質{ $value }({ $value_more })になります。
plan-left-out-instead = クーポン「{ $coupon }」を使うには{ $instead_of }を外すことになり、支払い{ $cash }({ $cash_more })、実質{ $value }({ $value_more })になります。
plan-hint-shipping = { $seller }の商品をあと{ $missing }追加すると送料が無料になり、差し引き{ $saves }お得です。
plan-hint-coupon = 対象商品をあと{ $missing }追加するとクーポン「{ $coupon }」を使えて、差し引き{ $saves }お得です。

## 帳簿

ledger-entries = 仕訳
ledger-no-entries = 仕訳はありません
ledger-balances = 残高
ledger-balance = { $name }:利用可能 { $available }、反映待ち { $pending }、付与予定 { $announced }、失効 { $expired }
ledger-owed = { $name }:不足 { $owed }(次に付与されるポイントから差し引かれます)
ledger-no-balances = まだありません
ledger-order = 注文 { $number }:{ $state }({ $sellers })
ledger-seller = { $seller } { $state }
ledger-payment = お支払い({ $method }):{ $state }。約束 { $promised }、受領 { $received }、返金 { $refunded }

entry-order_placed = ご注文
entry-granted = 付与
entry-paid = 入金
entry-cancelled = キャンセル
entry-refunded = 返金
entry-taken_back = 付与の取り消し
entry-debt_paid = 不足分への充当
entry-expired = 失効
entry-adjusted = 残高の訂正
entry-cards_issued = ギフトカードの発行
entry-card_redeemed = ギフトカードの登録
entry-cards_expired = ギフトカードの失効
entry-partner_settled = 提携先との精算

state-placed = 受付済み
state-preparing = 準備中
state-shipped = 発送済み
state-delivered = お届け済み
state-cancelled = キャンセル済み

payment-asking = 確認中
payment-awaiting_payment = お支払い待ち
payment-authorised = 承認済み
payment-paid = 支払い済み
payment-refused = 不成立

account-wallet = お客様の{ $name }
account-debt = お客様の{ $name }の不足
account-granted = { $name }の付与元
account-spent = 使われた{ $name }
account-expired = 失効した{ $name }
account-adjusted = { $name }の訂正
account-cards_open = 未登録のギフトカード({ $name })
account-cards_issued = 発行したギフトカード({ $name })
account-cards_expired = 期限内に登録されなかったギフトカード({ $name })
account-partner = { $name }の提携先との貸し借り
account-partner_member = 提携先にあるお客様の{ $name }
account-program = { $name }で支払われた額
account-method-promised = { $name }で支払われる約束
account-method-received = { $name }で支払われた額
account-seller = { $name }に支払う額
account-fees = 手数料

## ある注文の一生

life-coupon = お客様がクーポン「{ $coupon }」を受け取りました。
life-card_issued = { $amount }のギフトカードが発行されました。
life-card_redeemed = お客様がギフトカードを登録しました。残高は{ $until }まで使えます。
life-linked = お客様が{ $program }を連携しました。提携先での残高は{ $points }です。
life-granted = { $name }{ $points }が付与されました。
life-granted-until = { $name }{ $points }が付与されました。{ $until }まで使えます。
life-quoted = お見積り:商品{ $goods }、クーポン{ $coupons }、送料{ $shipping }、合計{ $total }。お支払いは{ $tenders }です。
life-placed = 注文を承りました(合計{ $total })。クレジットカード会社が{ $promised }の支払いを承認しました。
life-cancelled = お客様が{ $sku }を準備が始まる前にキャンセルしました。取り消し額は{ $net }({ $parts })です。送料は計算し直しません。
life-prepared = 出品者が準備を始めました。
life-shipped = { $seller }が発送しました。クレジットカードの支払い{ $amount }が確定しました。
life-shipped-paid = { $seller }が発送しました。この分は残高で支払い済みです。
life-delivered = すべての荷物が届きました。
life-return_requested = お客様が{ $sku }の返品を申し込みました(お客様のご都合)。返品確認番号は{ $number }です。
life-return_received = 返品が届きました。
life-return_inspected = 返品を確かめました。開封済みのため{ $deduction }を差し引きます。
life-return_refunded = 返品{ $net }から{ $deducted }を差し引いて返金しました({ $parts })。この商品で付与されたポイントを取り消しました。
life-available = 時が経ち、反映待ちのポイントが使えるようになりました。残高は日付から決まるので、仕訳は要りません。
life-expired = 時が経ち、使われなかった分が失効しました。
life-verified = 帳簿を確かめました。仕訳{ $entries }件({ $postings }行)から残高をすべて作り直し、記録と一致しました。
life-differs = 帳簿が一致しません:{ $differences }件

## Why something cannot be done, as customers read it

problem-too_late_to_cancel = 発送の準備が始まっているため、キャンセルできません。届いてから返品をお申し込みください。
problem-never_cancelled = この商品はキャンセルできません。
problem-nothing_left = できることは、もう残っていません。
problem-wrong_quantity = その数量は指定できません。
problem-not_delivered = まだお届けしていない商品です。
problem-return_window_over = 返品できる期間を過ぎています。
problem-never_returned = この商品は返品できません。
problem-reason_not_accepted = この理由での返品は、ショップが受け付けていません。
problem-wrong_return_state = この返品は、すでに手続きが進んでいます。
problem-wrong_payment_state = お支払いの状態により、いまは手続きできません。
problem-wrong_state = ご注文の状態により、いまは手続きできません。
problem-quote_changed = 価格・残高・条件のいずれかが変わりました。新しいお見積りをご確認ください。まだ何も引き落とされていません。
problem-payment_refused = お支払いが承認されませんでした。ご注文は成立せず、お預かりしたものはすべてお返ししました。
problem-changed = ご覧になったあとに内容が変わりました。もう一度ご確認ください。
problem-gift_card_unknown = このギフトコードは確認できませんでした。文字をもう一度お確かめください。
problem-gift_card_already_used_by_you = このギフトコードは、すでにお客様の残高に登録されています。
problem-gift_card_already_used = このギフトコードは、すでに使われています。
problem-gift_card_expired = このギフトコードは、有効期限を過ぎています。
problem-gift_card_not_yet_active = このギフトコードは、まだ使えません。
problem-too_many = 短い間に何度も操作がありました。しばらくしてからお試しください。
problem-already_linked = すでに連携されています。
problem-party_refused = 提携先で承認されませんでした。
problem-party_unavailable = 提携先とつながりません。しばらくしてからお試しください。
problem-case_moved = このお問い合わせに新しいやりとりがありました。ご確認のうえ、もう一度お試しください。
problem-case_closed = このお問い合わせは終了しています。新しいお問い合わせとしてお送りください。
problem-case_merged = このお問い合わせは、ほかのお問い合わせにまとめられました。続きはそちらでお話しください。
problem-case_taken = ほかの担当者が対応しています。
problem-case_not_now = お問い合わせの状態により、いまは手続きできません。
problem-case_full = このお問い合わせはやりとりが多くなったため、続けられません。新しいお問い合わせとしてお送りください。
problem-too_many_attachments = このお問い合わせには、これ以上ファイルを添付できません。
problem-nothing_escalated = 引き継ぎ待ちではありません。
problem-merged_with_itself = 同じお問い合わせにはまとめられません。
problem-not_merged = まとめられていません。
problem-merge_too_long_ago = 24時間を過ぎたため、元に戻せません。
problem-action_decided = すでに決まっています。
problem-same_person = ご自分の依頼は承認できません。
problem-needs_second_person = お一人で決められる金額を超えています。ほかの担当者の承認が必要です。
problem-already_decided = すでに承認または却下されています。
problem-chat_ended = このチャットは終了しました。続きはお問い合わせのページからお送りください。
problem-chat_not_yours = このチャットは、ほかの担当者が対応しています。
problem-chat_taken = このチャットは、ほかの担当者が先に引き受けました。
problem-chat_too_many_listen = このチャットは、開いている画面が多すぎます。ほかの画面を閉じてください。
problem-chat_full = このチャットはやりとりが多くなったため、続けられません。続きはお問い合わせのページからお送りください。
problem-agent_busy = 新しい受付を止めています。再開してからお取りください。
problem-chats_enough = 同時に担当できる数のチャットを、すでに担当しています。どれかを終えてからお取りください。
problem-not_at_the_desk = まだ窓口に入っていません。窓口に入ってからお取りください。
problem-attachment_too_large = ファイルが大きすぎます。
problem-attachment_type = この種類のファイルは添付できません。JPEGかPNGの写真をお選びください。
problem-attachment_empty = ファイルの中身が空です。
problem-attachment_two_files = 写真のほかにデータが含まれているため、受け取れません。写真を保存し直してからお試しください。
problem-attachment_too_many_pixels = 写真の縦横が大きすぎます。小さくしてからお試しください。
problem-attachment_unreadable = ファイルを開けませんでした。壊れていないかご確認ください。
problem-template_undefined = 定型文に入る内容が足りません。
problem-number_region = この国・地域の電話番号には、おかけできません。
problem-number_kind = この種類の電話番号には、おかけできません。
problem-number_not_verified = 電話番号の確認がまだです。先に確認コードを入力してください。
problem-number_not_called = この電話番号には、おかけできません。ほかの方法でお問い合わせください。
problem-calls_used_up = 本日の電話の受付は終了しました。ほかの方法でお問い合わせください。
problem-callback_state = 電話の状態により、いまは手続きできません。
problem-callback_of_another = この電話は、ほかの担当者が対応しています。
problem-callback_closed = この電話の受付は終了しています。
problem-callback_too_late = 引き受けの時間を過ぎたため、電話はほかの担当者に回りました。
problem-callback_no_attempt_left = おかけできる回数を使い切りました。
problem-callback_words_not_said = 先に合言葉をお伝えください。
problem-verification_wrong = 確認コードが違います。もう一度お確かめください。
problem-verification_tried_too_often = 確認コードを何度も間違えたため、使えなくなりました。新しいコードをお送りください。
problem-verification_no_code = 使える確認コードがありません。新しいコードをお送りください。
problem-check_not_there = お答えいただいている質問が変わりました。もう一度ご覧ください。
problem-key_reused = 同じ操作が、別の内容で先に送られています。ページを開き直してからお試しください。
## お問い合わせ番号がまだない理由

no-number-cancelled = { $seller }の分はキャンセルされたため、発送されません。
no-number-cancelled-do = 返金の状況は注文の詳細で確認できます。
no-number-digital = { $seller }の分はデジタル商品などで、荷物としては届きません。お問い合わせ番号はありません。
no-number-digital-do = 注文の詳細からご利用いただけます。
no-number-waiting_for_payment = お支払いの確認を待っています。確認後に発送の準備が始まります。
no-number-waiting_for_payment-do = お支払いがまだの場合は、期限までにお支払いください。
no-number-just_ordered = ご注文を承ったばかりで、{ $seller }はまだ発送していません。お問い合わせ番号は発送の後に付きます。
no-number-just_ordered-do = 今は何もしていただく必要はありません。
no-number-preparing = { $seller }が発送の準備をしています。お問い合わせ番号は発送の後に付きます。
no-number-preparing-do = 今は何もしていただく必要はありません。
no-number-delayed = { $seller }の発送が、いつもの日数より遅れています。
no-number-delayed-do = ご心配をおかけします。
no-number-individual_seller = 個人の出品者が発送する商品です。追跡できない方法で送られることがあり、お問い合わせ番号が付かない場合があります。
no-number-individual_seller-do = 発送の方法は出品者が選びます。
no-number-carrier_not_updated = 発送されましたが、配送業者の情報がまだ更新されていません。反映まで半日から1日半ほどかかることがあります。
no-number-carrier_not_updated-do = もうしばらくお待ちください。
no-number-number_not_given = { $seller }から発送の連絡がありましたが、お問い合わせ番号が登録されていません。
no-number-number_not_given-do = 番号は{ $seller }が知っています。
no-number-not_handed_over = お問い合わせ番号はありますが、配送業者の記録がまだありません。荷物がまだ渡されていない可能性があります。
no-number-not_handed_over-do = いつもより時間がかかっています。
no-number-ordinary_mail = 普通郵便など、追跡のない方法で発送されました。お問い合わせ番号はありません。
no-number-ordinary_mail-do = 郵便受けをご確認ください。
no-number-unsupported_carrier = ここでは状況を確認できない配送業者が運んでいます。
no-number-unsupported_carrier-do = 配送業者に直接お問い合わせください。
no-number-number_wrong = 登録されたお問い合わせ番号は{ $carrier }の番号として正しくありません。入力の間違いと思われます。
no-number-number_wrong-do = 正しい番号は{ $seller }が知っています。
no-number-look-again = { $again }以降にもう一度ご確認ください。
no-number-ask-seller = お急ぎのときは{ $seller }にお問い合わせください。

parcel-carrier = 配送業者
parcel-pending = 配送業者からの情報を待っています
parcel-info_received = 配送業者が発送の情報を受け取りました
parcel-in_transit = 輸送中です
parcel-out_for_delivery = 配達中です
parcel-attempt_failed = ご不在などのため配達できませんでした
parcel-available_for_pickup = 受け取り場所で保管しています
parcel-exception = 配送に問題が起きています
parcel-expired = 長い間、配送業者からの情報がありません
parcel-delivered = お届けしました
parcel-returned = 差出人に戻されました

redelivery-how = ご希望を記録し、出品者とモールに知らせました。配送業者にはまだ伝わっていません。配送業者のページか不在票の電話番号でも、再配達をお申し込みください。

## ヘルプの表

help-none = なし
help-fees = 手数料
help-shipping-none = 0円
help-never-free = 無料になりません
help-free-from = { $amount }以上
help-points-from = { $amount }以上
help-times = { $amount }倍
help-stars = { $stars }つ星
help-days = { $from }〜{ $to }日
help-days-within = 当日〜{ $to }日
help-days-exactly = { $to }日
help-hours-always = 24時間・年中無休
help-every-day = 毎日
help-day-1 = 月曜
help-day-2 = 火曜
help-day-3 = 水曜
help-day-4 = 木曜
help-day-5 = 金曜
help-day-6 = 土曜
help-day-7 = 日曜
help-head-seller = 出品者
help-head-shipping = 送料
help-head-free = 送料無料になる金額
help-head-method = お支払い方法
help-head-fee = 手数料
help-head-not = 使えないもの
help-head-program = 残高・ポイント
help-head-paid-by = 返金先
help-head-days = 目安の日数
help-head-rank = ランク
help-head-earned = 直近3か月の獲得
help-head-times = 倍率
help-head-cap = 1回の上限
help-head-cap-month = 1か月の上限
help-seller-platform = モール直販の商品
help-seller-store = ショップの商品
help-seller-individual = 個人の出品
help-item-physical = 配送する商品
help-item-digital = デジタル商品
help-item-membership = 会費
help-item-gift_card = ギフトカードの購入
